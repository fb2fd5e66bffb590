// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.keycloak.models.KeycloakSession;

/** The page on which a person reads what was done when Facebook asked for the deletion of data. */
public final class DeletionPage {

    private DeletionPage() {}

    /**
     * What the page says.
     *
     * @param when when it was done
     * @param sessions how many sessions have ended
     * @param account what became of the account: {@code none}, {@code disabled}, {@code disconnected}
     */
    public record Shown(Instant when, int sessions, String account) {}

    /** @param deletion what was done, or nothing if nobody knows the code */
    public static Response of(KeycloakSession session, Optional<Shown> deletion) {
        Map<String, Object> values = new HashMap<>();
        values.put("isKnown", deletion.isPresent());
        deletion.ifPresent(shown -> {
            values.put("when", when(session, shown.when()));
            values.put("sessions", Integer.toString(shown.sessions()));
            values.put("account", shown.account());
        });
        Response page = ThemePage.of(session, "deletion.ftl", "convertTokenDeletion.", values);
        return deletion.isPresent()
                ? page
                : Response.fromResponse(page).status(Response.Status.NOT_FOUND).build();
    }

    private static String when(KeycloakSession session, Instant when) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG, FormatStyle.SHORT)
                .withLocale(session.getContext().resolveLocale(null))
                .withZone(ZoneOffset.UTC)
                .format(when);
    }
}
