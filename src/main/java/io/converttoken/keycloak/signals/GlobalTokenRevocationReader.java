// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Statement;
import io.converttoken.keycloak.verification.StatementRules;
import io.converttoken.keycloak.verification.StatementRules.Expiry;
import io.converttoken.keycloak.verification.StatementRules.Signer;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Reads global token revocations (draft-parecki-oauth-global-token-revocation-05), which Okta calls Universal Logout. A
 * JWT of the provider proves the call, once; the body names the person.
 */
final class GlobalTokenRevocationReader implements SignalReader {

    private static final String TYPE = "global-token-revocation";
    private static final String SCHEME = "Bearer ";

    private final SignalContext context;
    private final JsonNode body;

    GlobalTokenRevocationReader(SignalContext context, JsonNode body) {
        this.context = context;
        this.body = body;
    }

    @Override
    public Supplier<Signal> prove(RawRequest request) {
        Statement statement = context.statements().verify(bearer(request), rules());
        if (SignalJson.id(statement.claims(), "jti").isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED, Finding.found(() -> "no claim jti"));
        }
        return () -> read(statement);
    }

    private static String bearer(RawRequest request) {
        return request.header(HttpHeaders.AUTHORIZATION)
                .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(header -> header.substring(SCHEME.length()).strip())
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.BEARER_MISSING));
    }

    private StatementRules rules() {
        return new StatementRules(
                Set.of(TYPE + "+jwt"),
                true,
                List.of(Signer.SIGNAL_ISSUER),
                Set.of(context.address(), context.address() + "/"),
                Expiry.REQUIRED);
    }

    private Signal read(Statement statement) {
        Optional<Whom> whom = Stream.of(body.path("sub_id"), body.path("subject"))
                .flatMap(subject -> context.subjects().read(subject).stream())
                .findFirst();
        return Signal.of(
                Kind.GLOBAL_TOKEN_REVOCATION,
                TYPE,
                Meaning.SESSIONS_END,
                Optional.of(whom.orElseThrow(() -> NotUnderstood.because("no subject that names a person"))),
                SignalTimes.happened(
                        body,
                        Stream.empty(),
                        SignalTimes.read(statement.claims().path("iat"))),
                statement.claims().path("iss").asText() + " "
                        + statement.claims().path("jti").asText());
    }
}
