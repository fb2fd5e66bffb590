// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Apple, after
 * <a href="https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple">the
 * claims of an identity token</a>: booleans may come as text, and names never come with it.
 */
public final class Apple extends SocialProvider {

    /** Our iOS app; the client id is the Services ID of our web site. */
    public static final String BUNDLE_ID = "com.company.app";

    private final ProviderEndpoint jwks;

    Apple(SocialHosts hosts) {
        super(hosts, "com.company.web");
        jwks = endpoint("https://appleid.apple.com/auth/keys", this::publishedKeys);
        endpoint("https://appleid.apple.com/auth/token", this::redeem);
    }

    @Override
    public String providerId() {
        return "oidc";
    }

    @Override
    public String issuer() {
        return "https://appleid.apple.com";
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = super.settings();
        settings.put("authorizationUrl", "https://appleid.apple.com/auth/authorize");
        settings.put("tokenUrl", "https://appleid.apple.com/auth/token");
        settings.put("clientAuthMethod", "client_secret_post");
        settings.put("issuer", issuer());
        settings.put("useJwksUrl", "true");
        settings.put("jwksUrl", "https://appleid.apple.com/auth/keys");
        settings.put("validateSignature", "true");
        settings.put("disableUserInfo", "true");
        settings.put("defaultScope", "openid email");
        return settings;
    }

    @Override
    public Person newcomer() {
        Person person = Person.unknown();
        String subject =
                "00" + newNumber(4) + "." + UUID.randomUUID().toString().replace("-", "") + "." + newNumber(4);
        return person.withSubject(subject).withEmail(person.username() + "@privaterelay.appleid.com");
    }

    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.of(jwks);
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of();
    }

    /** As the iOS app gets it. */
    @Override
    public JwtBuilder idToken(Person person) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("email", person.email());
        person.emailVerified().putInto(claims);
        claims.put("is_private_email", "true");
        claims.put("auth_time", Instant.now().getEpochSecond());
        claims.put("nonce_supported", true);
        return new JwtBuilder(this, person)
                .noType()
                .audience(BUNDLE_ID)
                .claims(claims)
                .expiresIn(Duration.ofDays(1));
    }

    /** Of a web login; nothing at Apple takes it. */
    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("a", person);
    }

    @Override
    Map<String, Object> tokenResponse(Person person, String scope, Optional<String> nonce) {
        Map<String, Object> response = super.tokenResponse(person, scope, nonce);
        JwtBuilder idToken = idToken(person).audience(clientId());
        nonce.ifPresent(idToken::nonce);
        response.put("id_token", idToken.mint());
        return response;
    }
}
