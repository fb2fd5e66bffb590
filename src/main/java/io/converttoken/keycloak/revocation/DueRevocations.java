// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.internals.ServerRows;
import java.util.List;
import java.util.UUID;
import org.keycloak.models.KeycloakSession;

/** The durable queue of revocations, in the order of their next attempts. */
final class DueRevocations {

    private static final String KIND = "due";
    private static final int PAGE = 50;

    private DueRevocations() {}

    /** @param at when to attempt it, in milliseconds since 1970 */
    static void add(KeycloakSession session, Entry entry, long at) {
        String rest = ServerRows.Key.names(entry.realm(), entry.provider()) + "."
                + UUID.randomUUID().toString().replace("-", "");
        ServerRows.insert(session, ServerRows.Key.ordered(KIND, order(at), rest), entry.text());
    }

    static List<ServerRows.Row> page(KeycloakSession session, long now) {
        return ServerRows.page(session, ServerRows.Key.end(KIND, "0"), ServerRows.Key.end(KIND, order(now)), PAGE);
    }

    /** @param names the identity provider's internal id, or nothing for all of the realm */
    static void forget(KeycloakSession session, String realm, String... names) {
        ServerRows.deleteContaining(session, KIND, "." + ServerRows.Key.names(realm, names));
    }

    /** Always thirteen digits, until the year 2286. */
    private static String order(long millis) {
        return Long.toString(millis);
    }
}
