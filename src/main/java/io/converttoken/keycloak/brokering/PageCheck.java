// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
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
        boolean isPending = authSession
                .getAuthenticatedUser()
                .getRequiredActionsStream()
                .findAny()
                .isPresent();
        // the post-login flow may demand an action, such as setting up a second factor
        boolean isDemanded = !authSession.getRequiredActions().isEmpty();
        if (next != null || isPending || isDemanded) {
            throw new InteractionRequiredException(backend, "required action or consent is pending");
        }
    }
}
