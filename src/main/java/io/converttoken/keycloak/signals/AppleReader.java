// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.verification.ProviderStatements;
import io.converttoken.keycloak.verification.Statement;
import io.converttoken.keycloak.verification.StatementRules;
import io.converttoken.keycloak.verification.StatementRules.Expiry;
import io.converttoken.keycloak.verification.StatementRules.Signer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Reads Apple's server-to-server notifications (<a
 * href="https://developer.apple.com/documentation/signinwithapple/processing-changes-for-sign-in-with-apple-accounts">reference</a>).
 * The claim {@code events} is a text that holds JSON, and times of events are in milliseconds.
 */
final class AppleReader implements SignalReader {

    static final String PAYLOAD = "payload";

    private final SignalContext context;
    private final JsonNode notification;

    AppleReader(SignalContext context, JsonNode notification) {
        this.context = context;
        this.notification = notification;
    }

    @Override
    public Supplier<Signal> prove(RawRequest request) {
        JsonNode payload = notification.path(PAYLOAD);
        if (!payload.isTextual()) {
            throw NotUnderstood.because("a payload that is no text");
        }
        Statement statement = context.statements().verify(payload.textValue(), rules());
        return () -> read(statement);
    }

    private StatementRules rules() {
        return new StatementRules(
                Set.of(),
                true,
                List.of(Signer.SIGNAL_ISSUER),
                ProviderStatements.audience(context.backend()),
                Expiry.CHECKED_IF_PRESENT);
    }

    private static Signal read(Statement statement) {
        JsonNode events = statement.claims().path("events");
        JsonNode event = events.isTextual() ? SignalJson.object(events.textValue()) : events;
        String type = SignalJson.text(event, "type").orElseThrow(() -> NotUnderstood.because("no type of event"));
        Meaning meaning = meaningOf(type);
        Optional<Whom> whom = Whom.byId(event, "sub");
        if (whom.isEmpty() && meaning != Meaning.NOTED) {
            throw NotUnderstood.because("no subject");
        }
        return Signal.of(
                Kind.APPLE,
                type,
                meaning,
                whom,
                SignalTimes.happened(
                        event,
                        Stream.of("event_time"),
                        SignalTimes.read(statement.claims().path("iat"))),
                statement.digest());
    }

    /** Both spellings of a deletion are in use. */
    private static Meaning meaningOf(String type) {
        return switch (type) {
            case "consent-revoked" -> Meaning.SESSIONS_END;
            case "account-delete", "account-deleted" -> Meaning.ACCOUNT_GONE;
            default -> Meaning.NOTED;
        };
    }
}
