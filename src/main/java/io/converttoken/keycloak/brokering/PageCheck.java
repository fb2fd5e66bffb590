package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.managers.AuthenticationManager;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * Whether a browser login of this user to this client would end without another page: no required action pending, no
 * consent missing, and no flow after the login that only a browser can run.
 */
final class PageCheck {

    private final KeycloakSession session;
    private final Backend backend;

    PageCheck(KeycloakSession session, Backend backend) {
        this.session = session;
        this.backend = backend;
    }

    /**
     * Refuses what would show a page.
     *
     * @param authSession whose user has been found
     */
    void requireNoPage(AuthenticationSessionModel authSession) {
        if (backend.identityProvider().getPostBrokerLoginFlowId() != null) {
            throw new InteractionRequiredException(backend, "identity provider has a post-login flow");
        }
        // without the scopes consent would be asked for none at all
        AuthenticationManager.setClientScopesInSession(session, authSession);
        EventBuilder unsent = new EventBuilder(
                authSession.getRealm(), session, session.getContext().getConnection());
        String next = AuthenticationManager.nextRequiredAction(
                session, authSession, session.getContext().getHttpRequest(), unsent);
        boolean isPending = authSession
                .getAuthenticatedUser()
                .getRequiredActionsStream()
                .findAny()
                .isPresent();
        if (next != null || isPending) {
            throw new InteractionRequiredException(backend, "required action or consent is pending");
        }
    }
}
