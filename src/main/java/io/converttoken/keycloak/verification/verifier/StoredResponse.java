// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.provider.TokenResponse;
import io.converttoken.keycloak.verification.token.SignedJwt;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.keycloak.OAuth2Constants;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider.OAuthResponse;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.util.Booleans;
import org.keycloak.util.JsonSerialization;

/** The response of a token endpoint, as Keycloak stores it with <em>Store tokens</em>. */
final class StoredResponse {

    private final JsonNode json;

    private StoredResponse(JsonNode json) {
        this.json = json;
    }

    static StoredResponse of(FederatedIdentityModel link) {
        if (link.getToken() == null) {
            return new StoredResponse(MissingNode.getInstance());
        }
        try {
            return new StoredResponse(JsonSerialization.mapper.readTree(link.getToken()));
        } catch (JsonProcessingException e) {
            return new StoredResponse(MissingNode.getInstance());
        }
    }

    Optional<String> refreshToken() {
        return text(OAuth2Constants.REFRESH_TOKEN);
    }

    Optional<String> accessToken() {
        return text(OAuth2Constants.ACCESS_TOKEN);
    }

    /** Returns the first of these client ids to which the ID token was issued. Keycloak stored it after its checks. */
    Optional<String> audienceAmong(Set<String> clientIds) {
        return text(OAuth2Constants.ID_TOKEN)
                .flatMap(SignedJwt::in)
                .map(jwt -> jwt.claims().json().path("aud"))
                .flatMap(aud -> (aud.isArray() ? StreamSupport.stream(aud.spliterator(), false) : Stream.of(aud))
                        .map(JsonNode::asText)
                        .filter(clientIds::contains)
                        .findFirst());
    }

    private Optional<String> text(String member) {
        return Optional.of(json.path(member))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(value -> !value.isEmpty());
    }

    /**
     * Adds the tokens to the person, if the identity provider stores tokens, in the form of a browser login through an
     * OAuth 2 provider ({@code AbstractOAuth2IdentityProvider.getFederatedIdentity}, Keycloak 26.7.3).
     */
    static void keep(TokenResponse tokens, BrokeredIdentityContext person, Backend backend) {
        if (Booleans.isTrue(backend.identityProvider().isStoreToken())) {
            person.setToken(form(tokens));
        }
    }

    private static String form(TokenResponse tokens) {
        try {
            OAuthResponse response = JsonSerialization.mapper.treeToValue(tokens.json(), OAuthResponse.class);
            if (response.getExpiresIn() == null || response.getExpiresIn() <= 0) {
                return tokens.text();
            }
            response.setAccessTokenExpiration(Time.currentTime() + response.getExpiresIn());
            return JsonSerialization.mapper.writeValueAsString(response);
        } catch (IOException e) {
            return tokens.text(); // as Keycloak does; the message would quote the response
        }
    }
}
