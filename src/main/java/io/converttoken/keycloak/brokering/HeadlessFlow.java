// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.keycloak.authentication.AuthenticationFlowError;
import org.keycloak.authentication.AuthenticationFlowException;
import org.keycloak.authentication.AuthenticationProcessor;
import org.keycloak.events.Errors;
import org.keycloak.models.AuthenticationFlowModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.sessions.AuthenticationSessionModel;
import org.keycloak.sessions.CommonClientSessionModel.ExecutionStatus;

/**
 * Runs an authentication flow of the realm to its end without showing a page, as
 * {@code ResourceOwnerPasswordCredentialsGrantType} runs the flow of the direct grant (Keycloak 26.7.3).
 */
final class HeadlessFlow {

    private final KeycloakSession session;
    private final Backend backend;

    HeadlessFlow(KeycloakSession session, Backend backend) {
        this.session = session;
        this.backend = backend;
    }

    /**
     * Runs a flow, and returns only if the flow succeeds.
     *
     * @param path the path of the flow's page in a browser, a constant of {@code LoginActionsService}
     * @throws InteractionRequiredException when the flow is missing, fails, or would show a page or send a mail
     * @throws UserRefusedException when the flow denies access
     */
    void run(AuthenticationSessionModel authSession, @Nullable String flowId, String path) {
        RealmModel realm = authSession.getRealm();
        AuthenticationFlowModel flow = flowId == null ? null : realm.getAuthenticationFlowById(flowId);
        if (flow == null) {
            throw new InteractionRequiredException(backend, Reason.of(ReasonCode.FLOW_MISSING));
        }
        AuthenticationProcessor processor = new AuthenticationProcessor()
                .setSession(HeadlessSession.of(session, backend))
                .setRealm(realm)
                .setAuthenticationSession(authSession)
                .setFlowId(flow.getId())
                .setFlowPath(path)
                .setBrowserFlow(false)
                .setConnection(session.getContext().getConnection())
                .setEventBuilder(new UnsentEvents(session))
                .setUriInfo(session.getContext().getUri())
                .setRequest(session.getContext().getHttpRequest());
        if (page(processor) != null) {
            throw isDenied(authSession) ? denied() : pageNeeded(flow, authSession);
        }
    }

    private @Nullable Response page(AuthenticationProcessor processor) {
        try {
            return processor.authenticateOnly();
        } catch (AuthenticationFlowException e) {
            if (e.getError() == AuthenticationFlowError.ACCESS_DENIED) {
                throw denied();
            }
            throw new InteractionRequiredException(
                    backend, Reason.of(ReasonCode.FLOW_FAILED, String.valueOf(e.getError())));
        } catch (WebApplicationException e) {
            return e.getResponse();
        }
    }

    /** Returns whether the page only tells of a failure. A page that asks for something would be a challenge. */
    private static boolean isDenied(AuthenticationSessionModel authSession) {
        Collection<ExecutionStatus> outcomes = authSession.getExecutionStatus().values();
        return outcomes.contains(ExecutionStatus.FAILED) && !outcomes.contains(ExecutionStatus.CHALLENGED);
    }

    private static UserRefusedException denied() {
        return new UserRefusedException(Errors.ACCESS_DENIED, Reason.of(ReasonCode.ACCESS_DENIED));
    }

    private InteractionRequiredException pageNeeded(
            AuthenticationFlowModel flow, AuthenticationSessionModel authSession) {
        return new InteractionRequiredException(
                backend, Reason.of(ReasonCode.FLOW_SHOWS_PAGE, new ShownPage(session, authSession).description(flow)));
    }
}
