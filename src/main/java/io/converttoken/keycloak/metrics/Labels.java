package io.converttoken.keycloak.metrics;

import io.micrometer.core.instrument.Tags;
import java.util.Optional;
import org.keycloak.events.Details;
import org.keycloak.events.Event;
import org.keycloak.events.EventBuilder;

/**
 * Of which backend something is told.
 *
 * @param realm the realm's name
 * @param backend the alias of an identity provider of the realm: never a name that a caller made up
 */
public record Labels(String realm, String backend) {

    private static final String NO_BACKEND = "none";

    /** What an event of ours is about: it names an identity provider only where there is one. */
    public static Labels of(EventBuilder builder) {
        Event event = builder.getEvent();
        String alias = Optional.ofNullable(event.getDetails())
                .map(details -> details.get(Details.IDENTITY_PROVIDER))
                .orElse(NO_BACKEND);
        return new Labels(event.getRealmName(), alias);
    }

    Tags tags() {
        return Tags.of("realm", realm, "backend", backend);
    }
}
