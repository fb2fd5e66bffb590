// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.Parameter;
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
 * Reads logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.6). Keycloak's own endpoint for them leaves
 * offline sessions alone, and for some identity providers it believes tokens that nobody has signed.
 */
final class LogoutTokenReader implements SignalReader {

    static final String PARAMETER = "logout_token";

    private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";
    private static final String TYPE = "backchannel-logout";
    private static final int MAX_LENGTH = 20_000;

    private final SignalContext context;

    LogoutTokenReader(SignalContext context) {
        this.context = context;
    }

    @Override
    public Supplier<Signal> prove(RawRequest request) {
        String token = Parameter.required(request.form().orElseThrow(), PARAMETER, MAX_LENGTH);
        Statement statement = context.statements().verify(token, rules());
        requireLogout(statement.claims());
        return () -> read(statement);
    }

    private StatementRules rules() {
        return new StatementRules(
                Set.of("logout+jwt"),
                true,
                List.of(Signer.IDENTITY_PROVIDER, Signer.SIGNAL_ISSUER),
                ProviderStatements.audience(context.backend()),
                Expiry.CHECKED_IF_PRESENT);
    }

    /** An ID token has no events. */
    private static void requireLogout(JsonNode claims) {
        if (!claims.path("events").path(EVENT).isObject() || !claims.path("iat").isNumber()) {
            throw NotUnderstood.because("no logout event, or no time");
        }
    }

    private static Signal read(Statement statement) {
        Optional<String> session = SignalJson.id(statement.claims(), "sid");
        Optional<Whom> whom = Whom.byId(statement.claims(), "sub").or(() -> session.map(Whom.BySession::new));
        return new Signal(
                Kind.BACKCHANNEL_LOGOUT,
                TYPE,
                Meaning.SESSIONS_END,
                Optional.of(whom.orElseThrow(() -> NotUnderstood.because("neither sub nor sid"))),
                session,
                SignalTimes.happened(
                        statement.claims(),
                        Stream.empty(),
                        SignalTimes.read(statement.claims().path("iat"))),
                statement.digest());
    }
}
