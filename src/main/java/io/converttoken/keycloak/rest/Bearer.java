// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.http.NamedClients;
import jakarta.ws.rs.NotAuthorizedException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.protocol.oidc.OIDCAdvancedConfigWrapper;
import org.keycloak.representations.AccessToken;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.services.managers.AppAuthManager;
import org.keycloak.services.managers.AuthenticationManager.AuthResult;
import org.keycloak.services.util.MtlsHoKTokenUtil;

/** A caller who shows an access token of the realm (RFC 6750), with its proof of possession where it is bound. */
final class Bearer {

    private static final Set<String> SCHEMES = Set.of("bearer", "dpop");

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

    /**
     * The client that the token names, whether the token is valid or not. That proves nothing, and is for nothing but whose
     * pages may read a refusal that says nothing.
     */
    Optional<ClientModel> namedClient() {
        return text().flatMap(Bearer::issuedFor)
                .filter(clientId -> clientId.indexOf('\0') < 0)
                .flatMap(clientId ->
                        NamedClients.find(session, session.getContext().getRealm(), clientId));
    }

    private static Optional<String> issuedFor(String token) {
        try {
            return Optional.ofNullable(new JWSInput(token).readJsonContent(JsonWebToken.class))
                    .map(JsonWebToken::getIssuedFor);
        } catch (JWSInputException noJwt) {
            return Optional.empty();
        }
    }

    /** The token as it stands in the header, by either scheme. */
    Optional<String> text() {
        return Optional.ofNullable(AppAuthManager.extractAuthorizationHeaderTokenOrReturnNull(
                        session.getContext().getHttpRequest().getHttpHeaders()))
                .filter(header -> SCHEMES.contains(header.getScheme().toLowerCase(Locale.ROOT)))
                .map(AppAuthManager.AuthHeader::getToken);
    }
}
