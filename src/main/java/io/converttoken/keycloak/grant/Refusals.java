package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.ClientNotAllowedException;
import io.converttoken.keycloak.backend.UnknownBackendException;
import io.converttoken.keycloak.brokering.InteractionRequiredException;
import io.converttoken.keycloak.brokering.UserRefusedException;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.keycloak.OAuthErrorException;
import org.keycloak.events.Details;
import org.keycloak.events.Errors;
import org.keycloak.events.EventBuilder;
import org.keycloak.http.HttpResponse;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.CorsErrorResponseException;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.cors.Cors;

/**
 * Where every refusal of a conversion is made: the precise reason goes into the event, the RFC's code and a fixed text of
 * ours to the caller.
 */
final class Refusals {

    private static final Logger LOGGER = Logger.getLogger(Refusals.class);

    private static final String INTERACTION_REQUIRED = "interaction_required";
    private static final String IDENTITY_BUSY = "identity_busy";
    private static final long BUSY_RETRY_AFTER = 1;
    private static final String SUCCESS = "success";
    private static final String REFUSED_BY_KEYCLOAK = "other";
    private static final String TOO_MANY_FAILURES = "too_many_failures";
    private static final String PROVIDER_UNAVAILABLE = "identity_provider_unavailable";

    private final KeycloakSession session;
    private final EventBuilder event;
    private final Cors cors;
    private final HttpResponse response;
    private Optional<Meters> ofBackend = Optional.empty();
    private String outcome = REFUSED_BY_KEYCLOAK;

    Refusals(KeycloakSession session, EventBuilder event, Cors cors, HttpResponse response) {
        this.session = session;
        this.event = event;
        this.cors = cors;
        this.response = response;
    }

    /** Runs the conversion and turns what refuses it into its answer. What is refused leaves nothing. */
    Response answering(Conversion conversion) {
        try {
            return answer(conversion);
        } catch (RuntimeException e) {
            // Keycloak's token endpoint would commit what was done until then
            session.getTransactionManager().setRollbackOnly();
            throw e;
        } finally {
            ofBackend
                    .orElseGet(
                            () -> NodeMeters.of(session).of(session.getContext().getRealm()))
                    .conversion(outcome);
        }
    }

    /** The conversion is one of this backend's: its event tells so, and its meters count it, even if it ends before the call. */
    void concern(Backend backend) {
        event.detail(Details.IDENTITY_PROVIDER, backend.alias());
        ofBackend = Optional.of(backend.meters(session));
    }

    private Response answer(Conversion conversion) {
        try {
            Response answer = conversion.run();
            outcome = SUCCESS;
            return answer;
        } catch (InvalidRequestException e) {
            throw refuse(Errors.INVALID_REQUEST, e, OAuthErrorException.INVALID_REQUEST, e.description());
        } catch (UnknownBackendException e) {
            throw refuse(Errors.UNKNOWN_IDENTITY_PROVIDER, e, OAuthErrorException.INVALID_REQUEST, "Unknown backend");
        } catch (ClientNotAllowedException e) {
            concern(e.backend());
            throw refuse(
                    Errors.NOT_ALLOWED,
                    e,
                    OAuthErrorException.UNAUTHORIZED_CLIENT,
                    "Client is not allowed to convert tokens of this backend");
        } catch (ExternalTokenRefusedException e) {
            throw refuse(
                    Errors.INVALID_TOKEN,
                    e,
                    OAuthErrorException.INVALID_GRANT,
                    "Token is not valid, or was not issued to this application");
        } catch (UserRefusedException e) {
            e.userId().ifPresent(event::user);
            throw refuse(e.eventError(), e, OAuthErrorException.INVALID_GRANT, "User may not sign in");
        } catch (InteractionRequiredException e) {
            throw refuse(
                    INTERACTION_REQUIRED,
                    e,
                    INTERACTION_REQUIRED,
                    "Send the user to the browser flow with kc_idp_hint=" + e.alias());
        } catch (ProviderUnavailableException e) {
            throw unavailable(PROVIDER_UNAVAILABLE, e, "The identity provider can not be asked now", e.retryAfter());
        } catch (TooManyFailuresException e) {
            throw temporarily(
                    Status.TOO_MANY_REQUESTS, TOO_MANY_FAILURES, e, "Too many tokens were refused", e.retryAfter());
        } catch (BusyException e) {
            throw unavailable(IDENTITY_BUSY, e, "Others bring this identity now", BUSY_RETRY_AFTER);
        } catch (ClientPolicyException e) {
            throw rejected(e);
        } catch (AnswerRejectedException e) {
            throw rejected(e.rejection());
        }
    }

    /** What may be refused. */
    @FunctionalInterface
    interface Conversion {
        Response run() throws ClientPolicyException;
    }

    private CorsErrorResponseException rejected(ClientPolicyException cause) {
        event.detail(Details.REASON, Details.CLIENT_POLICY_ERROR);
        event.detail(Details.CLIENT_POLICY_ERROR, cause.getError());
        event.detail(Details.CLIENT_POLICY_ERROR_DETAIL, cause.getErrorDetail());
        event.error(cause.getError());
        outcome = Details.CLIENT_POLICY_ERROR;
        return new CorsErrorResponseException(cors, cause.getError(), cause.getErrorDetail(), cause.getErrorStatus());
    }

    private CorsErrorResponseException unavailable(
            String eventError, RuntimeException cause, String description, long retryAfter) {
        return temporarily(Status.SERVICE_UNAVAILABLE, eventError, cause, description, retryAfter);
    }

    private CorsErrorResponseException temporarily(
            Status status, String eventError, RuntimeException cause, String description, long retryAfter) {
        LOGGER.debugf("Conversion is not possible now: %s", cause.getMessage());
        event.detail(Details.REASON, cause.getMessage());
        event.error(eventError);
        outcome = eventError;
        response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter));
        cors.exposedHeaders(HttpHeaders.RETRY_AFTER);
        return new CorsErrorResponseException(cors, OAuthErrorException.TEMPORARILY_UNAVAILABLE, description, status);
    }

    private CorsErrorResponseException refuse(
            String eventError, RuntimeException cause, String oauthError, String description) {
        event.detail(Details.REASON, cause.getMessage());
        event.error(eventError);
        outcome = eventError;
        return new CorsErrorResponseException(cors, oauthError, description, Status.BAD_REQUEST);
    }
}
