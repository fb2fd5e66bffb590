// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.security.PrivateKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Apple, after
 * <a href="https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple">the
 * claims of an identity token</a>: booleans may come as text, and names never come with it.
 */
public final class Apple extends SocialProvider {

    /** Our iOS app; the client id is the Services ID of our web site. */
    public static final String BUNDLE_ID = "com.company.app";

    public static final String TEAM_ID = "DEF123GHIJ";

    public static final String KEY_ID = "ABC123DEFG";

    private final ECKey teamKey = FakeProvider.newEcKey();
    private final Set<String> seenSecrets = ConcurrentHashMap.newKeySet();
    private final ProviderEndpoint jwks;
    private final ProviderEndpoint revocation;

    Apple(SocialHosts hosts) {
        super(hosts, "com.company.web");
        jwks = endpoint("https://appleid.apple.com/auth/keys", this::publishedKeys);
        redeemsCodesAt("https://appleid.apple.com/auth/token");
        revocation = endpoint("https://appleid.apple.com/auth/revoke", this::revoke);
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

    /** The authorizationCode of the iOS app. */
    @Override
    public CodeBuilder code(Person person) {
        return super.code(person).issuedTo(BUNDLE_ID);
    }

    @Override
    Map<String, Object> tokenResponse(Authorization authorization) {
        Map<String, Object> response = super.tokenResponse(authorization);
        JwtBuilder idToken = idToken(authorization.person()).audience(authorization.clientId());
        authorization.nonce().ifPresent(idToken::nonce);
        response.put("id_token", idToken.mint());
        response.put("refresh_token", refreshToken(authorization.person(), authorization.clientId()));
        return response;
    }

    /** The refresh token that the person's sign-in in one of our apps gives us. */
    public String refreshToken(Person person, String clientId) {
        return "r." + person.subject() + "." + clientId;
    }

    /** The key of our team, in the form in which Apple lets us download it, once. */
    public String privateKey() {
        try {
            return pem(teamKey.toECPrivateKey());
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** PKCS #8 in PEM. */
    public static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----";
    }

    /** What a mapper has that takes the codes of our app. */
    public Map<String, String> mapper() {
        return Map.of(
                "acceptedAudiences",
                BUNDLE_ID,
                "appleTeamId",
                TEAM_ID,
                "appleKeyId",
                KEY_ID,
                "applePrivateKey",
                privateKey());
    }

    /** The client secrets that came with requests, each once. */
    public Set<String> seenSecrets() {
        return Set.copyOf(seenSecrets);
    }

    /**
     * As <a href="https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret">
     * Creating a client secret</a> says; or, for a web site that made such a secret by hand, a text.
     */
    @Override
    boolean isAuthenticated(RecordedRequest request, String redeemer) {
        String secret = request.form().getOrDefault("client_secret", "");
        seenSecrets.add(secret);
        return secret.equals(clientSecret()) ? redeemer.equals(clientId()) : isSecretOf(secret, redeemer);
    }

    private boolean isSecretOf(String secret, String redeemer) {
        try {
            SignedJWT jwt = SignedJWT.parse(secret);
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            Instant now = Instant.now();
            return jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.ES256)
                    && KEY_ID.equals(jwt.getHeader().getKeyID())
                    && jwt.verify(new ECDSAVerifier(teamKey.toECPublicKey()))
                    && TEAM_ID.equals(claims.getIssuer())
                    && claims.getAudience().equals(List.of(issuer()))
                    && redeemer.equals(claims.getSubject())
                    && !claims.getIssueTime().toInstant().isAfter(now)
                    && claims.getExpirationTime().toInstant().isAfter(now)
                    && claims.getExpirationTime().toInstant().isBefore(now.plus(Duration.ofDays(180)));
        } catch (ParseException | JOSEException e) {
            return false;
        }
    }

    public ProviderEndpoint revocation() {
        return revocation;
    }

    /** As <a href="https://developer.apple.com/documentation/signinwithapplerestapi/revoke-tokens">Apple</a> does it. */
    private Reply revoke(RecordedRequest request) {
        boolean isOurs = isAuthenticated(request, request.form().getOrDefault("client_id", ""));
        return isOurs ? new Reply(200, Map.of(), "") : Reply.json(400, Map.of("error", "invalid_client"));
    }
}
