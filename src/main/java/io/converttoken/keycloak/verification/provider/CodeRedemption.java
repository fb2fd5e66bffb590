// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.util.Optional;
import java.util.Set;
import org.keycloak.OAuth2Constants;
import org.keycloak.OAuthErrorException;
import org.keycloak.http.simple.SimpleHttpRequest;

/** Redeems authorization codes at a provider's token endpoint (RFC 6749, section 4.1.3). */
public final class CodeRedemption {

    /** RFC 6749, section 5.2, and what Google answers for another redirect address. */
    private static final Set<String> CODE_IS_BAD =
            Set.of(OAuthErrorException.INVALID_GRANT, OAuthErrorException.INVALID_REQUEST, "redirect_uri_mismatch");

    private static final Set<String> CLIENT_IS_BAD = Set.of(
            OAuthErrorException.INVALID_CLIENT,
            OAuthErrorException.UNAUTHORIZED_CLIENT,
            OAuthErrorException.UNSUPPORTED_GRANT_TYPE);

    /** Graph's errors for a code that is used, expired or foreign, and for another redirect address. */
    private static final Set<Integer> CODE_IS_BAD_AT_GRAPH = Set.of(100, 191);

    private final ProviderCalls calls;

    public CodeRedemption(ProviderCalls calls) {
        this.calls = calls;
    }

    /**
     * Redeems a code, once.
     *
     * @throws ExternalTokenRefusedException when the provider does not take the code
     * @throws ProviderUnavailableException when the provider does not answer, answers nonsense, or does not take our
     *     credentials
     */
    public TokenResponse redeem(AuthorizationCode code, CodeClient client) {
        ExternalToken sent = new ExternalToken(code.value(), Optional.empty(), Optional.empty());
        ProviderAnswer answer =
                calls.post(client.tokenUrl(), sent, (request, value) -> request(request, value, code, client));
        JsonNode body = answer.body();
        if (answer.isOk() && TokenResponse.isOne(body)) {
            return new TokenResponse(body);
        }
        refuseWhereCodeIsBad(answer);
        if (CLIENT_IS_BAD.contains(body.path("error").asText())) {
            throw new ProviderUnavailableException(
                    ReasonCode.CREDENTIALS_REFUSED, CallFailure.of(client.tokenUrl(), answer.status()));
        }
        answer.requireOk(ReasonCode.CODE_REFUSED);
        throw new ProviderUnavailableException(
                ReasonCode.ANSWER_NOT_UNDERSTOOD, answer.address() + ": no access token");
    }

    private static void refuseWhereCodeIsBad(ProviderAnswer answer) {
        JsonNode error = answer.body().path("error");
        if (CODE_IS_BAD.contains(error.asText())
                || CODE_IS_BAD_AT_GRAPH.contains(error.path("code").asInt())) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.CODE_REFUSED, Finding.found(() -> CallFailure.of(answer.address(), answer.status())));
        }
    }

    private static SimpleHttpRequest request(
            SimpleHttpRequest request, String value, AuthorizationCode code, CodeClient client) {
        request.param(OAuth2Constants.GRANT_TYPE, OAuth2Constants.AUTHORIZATION_CODE)
                .param(OAuth2Constants.CODE, value);
        client.redirectUri().ifPresent(uri -> request.param(OAuth2Constants.REDIRECT_URI, uri));
        code.codeVerifier().ifPresent(verifier -> request.param(OAuth2Constants.CODE_VERIFIER, verifier));
        return client.authentication().apply(request);
    }
}
