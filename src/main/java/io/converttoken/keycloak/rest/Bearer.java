package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.OAuthError;
import jakarta.ws.rs.NotAuthorizedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import org.keycloak.OAuthErrorException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.representations.AccessToken;
import org.keycloak.services.managers.AppAuthManager;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;
import org.keycloak.services.util.MtlsHoKTokenUtil;

/** A caller who shows an access token of the realm (RFC 6750), with its proof of possession where it is bound. */
final class Bearer {

    private static final String INSUFFICIENT_USER_AUTHENTICATION = "insufficient_user_authentication";
    private static final String SIGN_IN_AGAIN = "A more recent sign-in is required";

    private final KeycloakSession session;

    Bearer(KeycloakSession session) {
        this.session = session;
    }

    /** Who calls, where the token is an access token of this realm, valid now and not revoked. */
    Optional<AuthResult> caller() {
        try {
            return Optional.ofNullable(new AppAuthManager.BearerTokenAuthenticator(session).authenticate())
                    .filter(this::isShownByItsHolder);
        } catch (NotAuthorizedException e) {
            // a header that is not one
            return Optional.empty();
        }
    }

    /**
     * RFC 8705, section 3: a token that is bound to a certificate comes over a connection that has proven it. Keycloak's
     * authenticator checks the other binding, DPoP; this one is its userinfo endpoint's, by the same rule.
     */
    private boolean isShownByItsHolder(AuthResult caller) {
        AccessToken.Confirmation binding = caller.token().getConfirmation();
        boolean isBound = binding != null && binding.getCertThumbprint() != null;
        if (!isBound) {
            return !OIDCAdvancedConfigWrapper.fromClientModel(caller.client()).isUseMtlsHokToken();
        }
        return MtlsHoKTokenUtil.verifyTokenBindingWithClientCertificate(
                caller.token(), session.getContext().getHttpRequest(), session);
    }

    /** Whether requests must come over TLS and this one does not. */
    boolean isInsecure() {
        return !session.getContext().getUri().getBaseUri().getScheme().equals("https")
                && session.getContext()
                        .getRealm()
                        .getSslRequired()
                        .isRequired(session.getContext().getConnection());
    }

    static Response insecure() {
        return OAuthError.of(OAuthErrorException.INVALID_REQUEST, "HTTPS required")
                .answer(Response.Status.FORBIDDEN, Map.of());
    }

    static Response invalid() {
        return OAuthError.of(OAuthErrorException.INVALID_TOKEN, "Bearer token is not valid")
                .answer(
                        Response.Status.UNAUTHORIZED,
                        Map.of(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
    }

    static Response insufficient() {
        return OAuthError.of(OAuthErrorException.INSUFFICIENT_SCOPE, "Bearer token does not carry this right")
                .answer(
                        Response.Status.FORBIDDEN,
                        Map.of(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\""));
    }

    /**
     * RFC 9470, section 3.
     *
     * @param maxAge seconds that the sign-in may be old
     */
    static Response outdated(long maxAge) {
        String challenge = "Bearer error=\"" + INSUFFICIENT_USER_AUTHENTICATION + "\", error_description=\""
                + SIGN_IN_AGAIN + "\", max_age=\"" + maxAge + "\"";
        return OAuthError.of(INSUFFICIENT_USER_AUTHENTICATION, SIGN_IN_AGAIN)
                .answer(Response.Status.UNAUTHORIZED, Map.of(HttpHeaders.WWW_AUTHENTICATE, challenge));
    }
}
