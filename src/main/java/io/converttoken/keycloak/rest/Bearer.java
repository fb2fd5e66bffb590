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

/** The access token of the realm that a caller sends (RFC 6750), with its proof of possession if the token is bound. */
final class Bearer {

    private static final Set<String> SCHEMES = Set.of("bearer", "dpop");

    private final KeycloakSession session;

    Bearer(KeycloakSession session) {
        this.session = session;
    }

    /** Returns the caller, if the token is an access token of this realm, valid now and not revoked. */
    Optional<AuthResult> caller() {
        try {
            return Optional.ofNullable(new AppAuthManager.BearerTokenAuthenticator(session).authenticate())
                    .filter(this::isShownByItsHolder);
        } catch (NotAuthorizedException e) {
            // the header is malformed
            return Optional.empty();
        }
    }

    /**
     * RFC 8705, section 3: a token that is bound to a certificate must come over a connection that has proven the
     * certificate. Keycloak's authenticator checks only the other binding, DPoP. The rule here is that of Keycloak's
     * userinfo endpoint.
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

    /** Returns whether requests must come over TLS and this one does not. */
    boolean isInsecure() {
        return !session.getContext().getUri().getBaseUri().getScheme().equals("https")
                && session.getContext()
                        .getRealm()
                        .getSslRequired()
                        .isRequired(session.getContext().getConnection());
    }

    /**
     * Returns the client that the token names, whether the token is valid or not. The name proves nothing. It only
     * decides which pages may read a refusal, and that refusal reveals nothing.
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

    /** Returns the token in the header, for either scheme. */
    Optional<String> text() {
        return Optional.ofNullable(AppAuthManager.extractAuthorizationHeaderTokenOrReturnNull(
                        session.getContext().getHttpRequest().getHttpHeaders()))
                .filter(header -> SCHEMES.contains(header.getScheme().toLowerCase(Locale.ROOT)))
                .map(AppAuthManager.AuthHeader::getToken);
    }
}
