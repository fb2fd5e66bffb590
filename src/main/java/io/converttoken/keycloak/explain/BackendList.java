// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.BackendReview;
import io.converttoken.keycloak.brokering.FirstLogin;
import io.converttoken.keycloak.explain.BackendReport.Remark;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;

/** Tells of each backend of a realm what of its configuration is risky or cannot work. No provider is asked. */
public final class BackendList {

    /** What refuses no token, but lets in more than most want. */
    private static final Set<ReasonCode> RISKS = EnumSet.of(
            ReasonCode.ANY_TENANT,
            ReasonCode.UNSIGNED_LOGOUT_TOKENS,
            ReasonCode.UNBOUND_TOKENS_ACCEPTED,
            ReasonCode.EVERY_CLIENT_ALLOWED,
            ReasonCode.MAPPER_KEY_UNKNOWN);

    /** What refuses tokens of one kind or persons in one situation, and leaves the others. */
    private static final Set<ReasonCode> PARTIAL = EnumSet.of(
            ReasonCode.SECRET_NOT_CONFIGURED,
            ReasonCode.TOKEN_UNBOUND,
            ReasonCode.PROFILE_MISSING,
            ReasonCode.CLAIM_FILTER,
            ReasonCode.ISSUER_NOT_CONFIGURED,
            ReasonCode.KEYS_NOT_CONFIGURED,
            ReasonCode.CLIENT_UNKNOWN,
            ReasonCode.FLOW_MISSING,
            ReasonCode.FLOW_SHOWS_PAGE,
            ReasonCode.NO_ACCOUNTS_KEPT);

    private final KeycloakSession session;

    public BackendList(KeycloakSession session) {
        this.session = session;
    }

    /** Returns the realm's backends, by alias. */
    public List<BackendReport> all() {
        return BackendReview.all(session).map(this::report).toList();
    }

    private BackendReport report(BackendReview review) {
        IdentityProviderModel identityProvider = review.identityProvider();
        Advice advice = new Advice(session, Map.of("backend", identityProvider.getAlias(), "client", "*"));
        List<Reason> reasons = Stream.concat(
                        review.reasons().stream(), review.backend().stream().flatMap(this::ofProvider))
                .toList();
        boolean isHindered =
                reasons.stream().map(Reason::code).anyMatch(code -> !RISKS.contains(code) && !PARTIAL.contains(code));
        return new BackendReport(
                identityProvider.getAlias(),
                identityProvider.getProviderId(),
                identityProvider.isEnabled(),
                !isHindered,
                review.names(),
                review.allowedClients(),
                review.backend()
                        .map(backend -> backend.config().acceptedTokens().value())
                        .orElse(null),
                reasons.stream().map(reason -> remark(reason, advice)).toList());
    }

    private Stream<Reason> ofProvider(Backend backend) {
        return Stream.concat(
                new ExternalTokenVerifiers(session)
                        .shortcomings(backend).stream().map(Reason::of),
                new FirstLogin(session, backend).obstacles());
    }

    private static Remark remark(Reason reason, Advice advice) {
        ReasonCode code = reason.code();
        return new Remark(
                RISKS.contains(code) ? "risk" : "fault", code.code(), advice.about(reason), Advice.see(code.code()));
    }
}
