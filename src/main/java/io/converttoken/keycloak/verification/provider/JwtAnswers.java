// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.token.Decryption;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import java.io.IOException;
import java.util.Optional;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.common.util.Time;

/**
 * Reads answers that a provider gives as a JWT instead of JSON. A signature is always checked, whether
 * <em>Validate signatures</em> is on or off. If an answer cannot be checked, the token is refused and the caller is not
 * told to try again, because the provider would answer the same.
 */
final class JwtAnswers {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Decryption decryption;
    private final SignatureVerifier signatures;

    JwtAnswers(ProviderCalls calls) {
        this.decryption = new Decryption(calls.session());
        this.signatures = new SignatureVerifier(calls.unobserved());
    }

    /**
     * Returns a profile (OpenID Connect Core, section 5.3.2). A profile that is encrypted for the realm need not be
     * signed, because it came over TLS, as plain JSON does.
     *
     * @throws ExternalTokenRefusedException when the answer cannot be read, is not the provider's, or is not for us
     */
    JsonNode profile(String answer, Backend backend) {
        Optional<String> content = decryption.decrypt(answer);
        return content.flatMap(JwtAnswers::object)
                .orElseGet(() -> verified(content.orElse(answer), backend).json());
    }

    /**
     * Returns what the answer says about the token (RFC 9701, section 5).
     *
     * @throws ExternalTokenRefusedException as above
     */
    JsonNode introspection(String answer, Backend backend) {
        TokenClaims claims = verified(decryption.decrypt(answer).orElse(answer), backend);
        JsonNode about = claims.json().path("token_introspection");
        if (!claims.has("iss") || !claims.has("aud") || !about.isObject()) {
            throw unreadable();
        }
        return about;
    }

    private TokenClaims verified(String text, Backend backend) {
        try {
            SignedJwt jwt = SignedJwt.in(text).orElseThrow(JwtAnswers::unreadable);
            requireForUs(jwt.claims(), backend);
            signatures.verify(jwt, new OIDCIdentityProviderConfig(backend.identityProvider()));
            return jwt.claims();
        } catch (ExternalTokenRefusedException e) {
            throw unreadable(); // the answer is at fault, not the token
        }
    }

    private static void requireForUs(TokenClaims claims, Backend backend) {
        if (claims.has("iss")) {
            claims.requireIssuer(Issuers.of(new OIDCIdentityProviderConfig(backend.identityProvider())));
        }
        if (claims.has("exp")) {
            claims.requireValidAt(Time.currentTimeSeconds(), Issuers.clockSkew(backend.identityProvider()));
        }
        boolean isForOthers =
                claims.has("aud") && claims.audience().stream().noneMatch(backend.ourClientIds()::contains);
        if (isForOthers) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH);
        }
    }

    private static Optional<JsonNode> object(String text) {
        try {
            return Optional.of(JSON.readTree(text)).filter(JsonNode::isObject);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static ExternalTokenRefusedException unreadable() {
        return new ExternalTokenRefusedException(ReasonCode.ANSWER_UNREADABLE);
    }
}
