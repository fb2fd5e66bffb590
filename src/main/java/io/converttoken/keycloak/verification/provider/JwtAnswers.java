// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.token.Decryption;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import java.io.IOException;
import java.util.Optional;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.common.util.Time;

/**
 * Reads what a provider answers as a JWT instead of JSON. Its signature is checked in any case, <em>Validate signatures</em> on or
 * off: such an answer that cannot be checked will not get better, and is no reason to try again.
 */
final class JwtAnswers {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Decryption decryption;
    private final SignatureVerifier signatures;

    JwtAnswers(ProviderCalls calls) {
        this.decryption = new Decryption(calls.session());
        this.signatures = new SignatureVerifier(calls);
    }

    /**
     * A profile (OpenID Connect Core, section 5.3.2). What is encrypted for the realm need not be signed: it came over TLS, as
     * plain JSON does.
     *
     * @throws ExternalTokenRefusedException when it cannot be read or is not the provider's, or not for us
     */
    JsonNode profile(String answer, Backend backend) {
        Optional<String> content = decryption.decrypt(answer);
        return content.flatMap(JwtAnswers::object)
                .orElseGet(() -> verified(content.orElse(answer), backend).json());
    }

    /**
     * What the answer to an introspection is about (RFC 9701, section 5).
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
            throw unreadable(); // of the answer, not of the token
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
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
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
        return new ExternalTokenRefusedException(Refusal.UNREADABLE_ANSWER);
    }
}
