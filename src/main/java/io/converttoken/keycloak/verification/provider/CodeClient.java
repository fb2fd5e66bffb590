// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.keycloak.http.simple.SimpleHttpRequest;

/**
 * Our client at a provider, as which codes are redeemed.
 *
 * @param clientId the client id, which the ID token must have among its audiences
 * @param tokenUrl the address of the provider's token endpoint
 * @param redirectUri the redirect address that goes along with the code, which may be empty, if one does
 * @param authentication adds the client's credentials to a request
 */
public record CodeClient(
        String clientId,
        String tokenUrl,
        Optional<String> redirectUri,
        UnaryOperator<SimpleHttpRequest> authentication) {

    public CodeClient redirectingTo(String uri) {
        return new CodeClient(clientId, tokenUrl, Optional.of(uri), authentication);
    }
}
