// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * Checks that a browser login of this user to this client would end without another page: no required action is pending
 * and no consent is missing.
 */
final class PageCheck {

    private final KeycloakSession session;
    private final Backend backend;

    PageCheck(KeycloakSession session, Backend backend) {
        this.session = session;
        this.backend = backend;
    }

    /**
     * Refuses a login that would show a page.
     *
     * @param authSession the authentication session, whose user has been found
     */
    void requireNoPage(AuthenticationSessionModel authSession) {
        // without the scopes Keycloak would ask for no consent at all
        AuthenticationManager.setClientScopesInSession(session, authSession);
        String next = AuthenticationManager.nextRequiredAction(
                session, authSession, session.getContext().getHttpRequest(), new UnsentEvents(session));
        Set<String> pending = pending(next, authSession);
        if (!pending.isEmpty()) {
            throw new InteractionRequiredException(backend, Reason.of(ReasonCode.ACTION_PENDING, pending));
        }
    }

    /** The post-login flow may demand an action, such as setting up a second factor. */
    private static Set<String> pending(@Nullable String next, AuthenticationSessionModel authSession) {
        Stream<String> ofUser = authSession.getAuthenticatedUser().getRequiredActionsStream();
        return Stream.of(Stream.ofNullable(next), ofUser, authSession.getRequiredActions().stream())
                .flatMap(actions -> actions)
                .collect(Collectors.toUnmodifiableSet());
    }
}
