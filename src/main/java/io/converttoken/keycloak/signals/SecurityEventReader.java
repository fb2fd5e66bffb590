// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.verification.ProviderStatements;
import io.converttoken.keycloak.verification.Statement;
import io.converttoken.keycloak.verification.StatementRules;
import io.converttoken.keycloak.verification.StatementRules.Expiry;
import io.converttoken.keycloak.verification.StatementRules.Signer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.keycloak.social.google.GoogleIdentityProviderFactory;

/**
 * Reads security event tokens (RFC 8417), pushed as RFC 8935 says: those of the Shared Signals Framework 1.0, and those
 * of Google's Cross-Account Protection, which has older names and does not want the expiry to be checked
 * (<a href="https://developers.google.com/identity/protocols/risc">reference</a>).
 */
final class SecurityEventReader implements SignalReader {

    private static final String TYPE = "secevent+jwt";

    private final SignalContext context;

    SecurityEventReader(SignalContext context) {
        this.context = context;
    }

    @Override
    public Supplier<Signal> prove(RawRequest request) {
        String token = new String(request.body(), StandardCharsets.UTF_8).strip();
        Statement statement = context.statements().verify(token, rules());
        return () -> read(statement);
    }

    private StatementRules rules() {
        boolean isGoogle = GoogleIdentityProviderFactory.PROVIDER_ID.equals(
                context.backend().providerId());
        return new StatementRules(
                Set.of(TYPE),
                isGoogle,
                List.of(Signer.SIGNAL_ISSUER),
                ProviderStatements.audience(context.backend(), context.address(), context.address() + "/"),
                isGoogle ? Expiry.IGNORED : Expiry.CHECKED_IF_PRESENT);
    }

    private Signal read(Statement statement) {
        Map.Entry<String, JsonNode> event = onlyEvent(statement.claims().path("events"));
        Meaning meaning = EventTypes.meaningOf(event.getKey());
        JsonNode subject = subject(statement.claims(), event.getValue());
        Optional<Whom> whom = meaning == Meaning.NOTED
                ? Optional.empty()
                : Optional.of(context.subjects()
                        .read(subject)
                        .orElseThrow(() -> NotUnderstood.because("no subject that names a person")));
        return new Signal(
                Kind.SECURITY_EVENT,
                event.getKey(),
                meaning,
                whom,
                SubjectReader.session(subject),
                SignalTimes.happened(
                        event.getValue(),
                        Stream.of("event_timestamp", "toe"),
                        SignalTimes.read(statement.claims().path("toe"))
                                .or(() -> SignalTimes.read(statement.claims().path("iat")))),
                statement.digest());
    }

    private static Map.Entry<String, JsonNode> onlyEvent(JsonNode events) {
        if (!events.isObject() || events.size() != 1) {
            throw NotUnderstood.because("not exactly one event");
        }
        Map.Entry<String, JsonNode> event = events.properties().iterator().next();
        if (!event.getValue().isObject()) {
            throw NotUnderstood.because("an event that is no object");
        }
        return event;
    }

    private static JsonNode subject(JsonNode claims, JsonNode event) {
        return Stream.of(claims.path("sub_id"), event.path("sub_id"), event.path("subject"), claims.path("subject"))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElse(claims.path("sub_id"));
    }
}
