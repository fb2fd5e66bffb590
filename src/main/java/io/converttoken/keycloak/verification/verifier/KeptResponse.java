// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.provider.TokenResponse;
import java.io.IOException;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider.OAuthResponse;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.util.Booleans;

/**
 * Keeps a token response in the form in which a browser login through an OAuth 2 provider keeps it
 * ({@code AbstractOAuth2IdentityProvider.getFederatedIdentity}, Keycloak 26.7.3).
 */
final class KeptResponse {

    private static final ObjectMapper JSON = new ObjectMapper();

    private KeptResponse() {}

    /** Adds the tokens to the person, if the identity provider stores tokens. */
    static void keep(TokenResponse tokens, BrokeredIdentityContext person, Backend backend) {
        if (Booleans.isTrue(backend.identityProvider().isStoreToken())) {
            person.setToken(form(tokens));
        }
    }

    private static String form(TokenResponse tokens) {
        try {
            OAuthResponse response = JSON.treeToValue(tokens.json(), OAuthResponse.class);
            if (response.getExpiresIn() == null || response.getExpiresIn() <= 0) {
                return tokens.text();
            }
            response.setAccessTokenExpiration(Time.currentTime() + response.getExpiresIn());
            return JSON.writeValueAsString(response);
        } catch (IOException e) {
            return tokens.text(); // as Keycloak does; the message would quote the response
        }
    }
}
