// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.backend.AppleSecrets;
import io.converttoken.keycloak.backend.Backend;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.OAuth2Constants;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.http.simple.SimpleHttpRequest;
import org.keycloak.models.KeycloakSession;

/**
 * Keycloak's class for OpenID Connect, with the client secret that Apple asks for where the backend's mapper has the
 * key for it. Everything else is Keycloak's.
 */
public final class AppleLogin extends OIDCIdentityProvider {

    private static final String HOST = "appleid.apple.com";

    private final Backend backend;

    /** Returns whether an address is on Apple's host, by which Apple is known among the OpenID providers. */
    public static boolean isApples(@Nullable String url) {
        try {
            return Optional.ofNullable(url)
                    .map(URI::create)
                    .map(URI::getHost)
                    .filter(HOST::equalsIgnoreCase)
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    public AppleLogin(KeycloakSession session, OIDCIdentityProviderConfig config, Backend backend) {
        super(session, config);
        this.backend = backend;
    }

    /** Authenticates requests for codes, for refreshed tokens and for introspection alike. */
    @Override
    public SimpleHttpRequest authenticateTokenRequest(SimpleHttpRequest request) {
        String clientId = getConfig().getClientId();
        return AppleSecrets.secret(session, backend, clientId)
                .map(secret ->
                        request.param(OAuth2Constants.CLIENT_ID, clientId).param(OAuth2Constants.CLIENT_SECRET, secret))
                .orElseGet(() -> super.authenticateTokenRequest(request));
    }
}
