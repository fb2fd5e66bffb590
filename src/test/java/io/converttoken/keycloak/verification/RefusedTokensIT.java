// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every token that is not genuine, not valid now or not ours is refused, and leaves no trace but the event. */
@ExtendWith(KeycloakExtension.class)
class RefusedTokensIT {

    private static final Person MALLORY = Person.named("mallory");

    private static final Map<String, String> BINDING = Map.of("jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");

    private static TestRealm realm;
    private static FakeProvider provider;
    private static KeycloakServer keycloak;

    @BeforeAll
    static void backends(TestRealm testRealm, FakeProvider fakeProvider, KeycloakServer server) {
        realm = testRealm;
        provider = fakeProvider;
        keycloak = server;
        Map<String, String> everyone = Map.of("allowedClients", "*");
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", everyone)
                .addOAuth2Provider("opaque", provider, Map.of())
                .addConvertTokenMapper("opaque", everyone)
                .addOAuth2Provider("unbound", provider, Map.of("tokenIntrospectionUrl", ""))
                .addConvertTokenMapper("unbound", everyone)
                .addOidcProvider(
                        "nokeys",
                        provider,
                        Map.of("useJwksUrl", "false", "validateSignature", "false", "tokenIntrospectionUrl", ""))
                .addConvertTokenMapper("nokeys", everyone)
                .addOidcProvider(
                        "nokeys-introspected", provider, Map.of("useJwksUrl", "false", "validateSignature", "false"))
                .addConvertTokenMapper("nokeys-introspected", everyone)
                .addOidcProvider("noprofile", provider, Map.of("disableUserInfo", "true"))
                .addConvertTokenMapper("noprofile", everyone)
                .addOidcProvider("noissuer", provider, Map.of("issuer", ""))
                .addConvertTokenMapper("noissuer", everyone)
                .addOidcProvider(
                        "filtered",
                        provider,
                        Map.of(
                                "filteredByClaim", "true",
                                "claimFilterName", "department",
                                "claimFilterValue", "engineering"))
                .addConvertTokenMapper("filtered", everyone)
                .addOidcProvider(
                        "pem",
                        provider,
                        Map.of("useJwksUrl", "false", "publicKeySignatureVerifier", provider.publicKeyPem()))
                .addConvertTokenMapper("pem", everyone)
                .addIdentityProvider(
                        "saml", "saml", Map.of("singleSignOnServiceUrl", "http://saml.example/sso"), Map.of())
                .addConvertTokenMapper("saml", everyone);
    }

    /** A token made afresh for each attempt, at the time of the attempt. */
    @FunctionalInterface
    interface Attack {
        String token();
    }

    static Stream<Arguments> idTokens() {
        return Stream.of(
                attack(
                        "with a subject that is too long to store",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY).subject("s".repeat(256)).mint()),
                attack(
                        "with a control character in the subject",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY).subject("a\u0000b").mint()),
                attack(
                        "with a session id that is too long to store",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY)
                                .claim("sid", "s".repeat(1024))
                                .mint()),
                attack(
                        "of another application",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .audience(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "of another application that names us as authorized party",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .audience(FakeProvider.ANOTHER_CLIENT_ID)
                                .azp(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "issued to another application, beside our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .audience(FakeProvider.CLIENT_ID, FakeProvider.ANOTHER_CLIENT_ID)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "with our audience beside another and no authorized party",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .audience(FakeProvider.CLIENT_ID, FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "issued to another application by client_id",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .nonce("n")
                                .claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "issued to another application by cid",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .nonce("n")
                                .azp(FakeProvider.CLIENT_ID)
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "with nonce, hash and scope, issued to another application",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .nonce("n")
                                .claim("at_hash", "h")
                                .claim("scope", "openid profile")
                                .audience(FakeProvider.CLIENT_ID)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "with nonce, hash and scope, without issue time",
                        Refusal.NO_ISSUE_TIME,
                        () -> provider.idToken(MALLORY)
                                .nonce("n")
                                .claim("at_hash", "h")
                                .claim("scope", "openid profile")
                                .noIssuedAt()
                                .mint()),
                attack(
                        "that may be an access token, without issue time",
                        Refusal.NO_ISSUE_TIME,
                        () -> provider.idToken(MALLORY)
                                .claim("client_id", FakeProvider.CLIENT_ID)
                                .claim("scope", "read write")
                                .noIssuedAt()
                                .mint()),
                attack(
                        "without audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY).without("aud").mint()),
                attack(
                        "with our id as part of the audience's name",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.idToken(MALLORY)
                                .audience(FakeProvider.CLIENT_ID + "-evil")
                                .mint()),
                attack(
                        "with a nested audience",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY)
                                .claim("aud", List.of(List.of(FakeProvider.CLIENT_ID)))
                                .mint()),
                attack(
                        "of another issuer",
                        Refusal.WRONG_ISSUER,
                        () -> provider.idToken(MALLORY)
                                .issuer("https://issuer.example")
                                .mint()),
                attack(
                        "of the issuer with a slash",
                        Refusal.WRONG_ISSUER,
                        () -> provider.idToken(MALLORY)
                                .issuer(provider.issuer() + "/")
                                .mint()),
                attack(
                        "without issuer",
                        Refusal.WRONG_ISSUER,
                        () -> provider.idToken(MALLORY).without("iss").mint()),
                attack(
                        "expired",
                        Refusal.EXPIRED,
                        () -> provider.idToken(MALLORY)
                                .expiresIn(Duration.ofSeconds(-31))
                                .mint()),
                attack(
                        "without expiry",
                        Refusal.NO_EXPIRY,
                        () -> provider.idToken(MALLORY).noExpiry().mint()),
                attack(
                        "with an expiry that is text",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY)
                                .claim("exp", "99999999999")
                                .mint()),
                attack(
                        "not yet valid",
                        Refusal.NOT_YET_VALID,
                        () -> provider.idToken(MALLORY)
                                .notBefore(Instant.now().plusSeconds(60))
                                .mint()),
                attack(
                        "issued in the future",
                        Refusal.ISSUED_IN_FUTURE,
                        () -> provider.idToken(MALLORY)
                                .issuedAt(Instant.now().plusSeconds(60))
                                .mint()),
                attack(
                        "without issue time",
                        Refusal.NO_ISSUE_TIME,
                        () -> provider.idToken(MALLORY).noIssuedAt().mint()),
                attack(
                        "without subject",
                        Refusal.NO_SUBJECT,
                        () -> provider.idToken(MALLORY).noSubject().mint()),
                attack(
                        "with an empty subject",
                        Refusal.NO_SUBJECT,
                        () -> provider.idToken(MALLORY).subject(" ").mint()),
                attack(
                        "with a subject that is a truth value",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY).claim("sub", true).mint()),
                attack(
                        "of algorithm none",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> provider.idToken(MALLORY).unsigned().mint()),
                attack(
                        "of algorithm None",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> reheaded(provider.idToken(MALLORY).mint(), "{\"alg\":\"None\"}")),
                attack(
                        "without algorithm",
                        Refusal.INACTIVE,
                        () -> reheaded(provider.idToken(MALLORY).mint(), "{\"typ\":\"JWT\"}")),
                attack(
                        "by HMAC with the public key as text",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> provider.idToken(MALLORY).hmacOfPublicKeyPem().mint()),
                attack(
                        "by HMAC with the public key as bytes",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> provider.idToken(MALLORY).hmacOfPublicKeyDer().mint()),
                attack(
                        "by HMAC with our client secret",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> provider.idToken(MALLORY).hmacOfClientSecret().mint()),
                attack(
                        "by another key under the known key id",
                        Refusal.BAD_SIGNATURE,
                        () -> provider.idToken(MALLORY)
                                .signedBy(FakeProvider.foreignKey(provider.key().getKeyID()))
                                .mint()),
                attack(
                        "by an unknown key",
                        Refusal.UNKNOWN_KEY,
                        () -> provider.idToken(MALLORY)
                                .signedBy(FakeProvider.foreignKey("unknown"))
                                .mint()),
                attack(
                        "by another key without key id",
                        Refusal.BAD_SIGNATURE,
                        () -> provider.idToken(MALLORY)
                                .signedBy(FakeProvider.foreignKey("x"))
                                .noKid()
                                .mint()),
                attack(
                        "with the elliptic curve key's id on an RSA signature",
                        Refusal.UNKNOWN_KEY,
                        () -> provider.idToken(MALLORY)
                                .kid(provider.ecKey().getKeyID())
                                .mint()),
                attack(
                        "that offers its own key",
                        Refusal.UNKNOWN_KEY,
                        () -> provider.idToken(MALLORY)
                                .offersItsOwnKey(forged())
                                .mint()),
                attack(
                        "that offers its own key under the known key id",
                        Refusal.BAD_SIGNATURE,
                        () -> provider.idToken(MALLORY)
                                .offersItsOwnKey(forged())
                                .kid(provider.key().getKeyID())
                                .mint()),
                attack(
                        "with a critical header",
                        Refusal.CRITICAL_HEADER,
                        () -> provider.idToken(MALLORY)
                                .header("crit", List.of("exp"))
                                .header("exp", 1)
                                .mint()),
                attack(
                        "with a cut signature",
                        Refusal.BAD_SIGNATURE,
                        () -> Jwts.withCutSignature(provider.idToken(MALLORY).mint())),
                attack(
                        "with no signature",
                        Refusal.BAD_SIGNATURE,
                        () -> Jwts.withoutSignature(provider.idToken(MALLORY).mint())),
                attack(
                        "with a changed payload",
                        Refusal.BAD_SIGNATURE,
                        () -> Jwts.withClaim(provider.idToken(MALLORY).mint(), "sub", "subject-of-somebody-else")),
                attack(
                        "that is a logout token",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.idToken(MALLORY)
                                .type("logout+jwt")
                                .claim("events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))
                                .mint()),
                attack(
                        "that is a logout token without type",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.idToken(MALLORY)
                                .claim("events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))
                                .mint()),
                attack(
                        "that is a Keycloak refresh token",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.idToken(MALLORY).claim("typ", "Refresh").mint()),
                attack(
                        "that is one of the realm's own ID tokens",
                        Refusal.WRONG_ISSUER,
                        () -> realm.signInAlice(TestRealm.APP).idToken()));
    }

    static Stream<Arguments> accessTokens() {
        return Stream.of(
                attack(
                        "JWT bound to a key",
                        Refusal.SENDER_CONSTRAINED,
                        () -> provider.accessToken(MALLORY)
                                .claim("cnf", BINDING)
                                .mint()),
                attack(
                        "Keycloak's bound to a key",
                        Refusal.SENDER_CONSTRAINED,
                        () -> provider.keycloakAccessToken(MALLORY)
                                .claim("typ", "DPoP")
                                .claim("cnf", BINDING)
                                .mint()),
                attack(
                        "opaque, bound to a key",
                        Refusal.SENDER_CONSTRAINED,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("cnf", BINDING)
                                .mint()),
                attack(
                        "opaque, of type DPoP",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("token_type", "DPoP")
                                .mint()),
                attack(
                        "opaque, a refresh token",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("token_type", "Refresh")
                                .mint()),
                attack(
                        "opaque, used as refresh token",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("token_use", "refresh_token")
                                .mint()),
                attack(
                        "opaque, an ID token",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("typ", "ID")
                                .mint()),
                attack(
                        "JWT of another application",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.accessToken(MALLORY)
                                .claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "JWT whose client and authorized party differ",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.accessToken(MALLORY)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "Keycloak's of another application",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.keycloakAccessToken(MALLORY)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack(
                        "Keycloak's of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.keycloakAccessToken(MALLORY)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID, "account")
                                .mint()),
                attack(
                        "JWT of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.accessToken(MALLORY)
                                .claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "Okta's of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.accessToken(MALLORY)
                                .without("client_id")
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "JWT of another application by one claim of three",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.accessToken(MALLORY)
                                .azp(FakeProvider.CLIENT_ID)
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "opaque of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.opaqueToken(MALLORY)
                                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "opaque of another application by azp, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("azp", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "opaque of another application by cid, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.opaqueToken(MALLORY)
                                .introspectsNo("client_id")
                                .introspects("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "opaque, whose client is not a text",
                        Refusal.MALFORMED,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("client_id", List.of(FakeProvider.CLIENT_ID))
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "JWT that our client got for itself",
                        Refusal.NOT_A_PERSON,
                        () -> provider.accessToken(MALLORY)
                                .subject(FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "Keycloak's of our client's service account",
                        Refusal.NOT_A_PERSON,
                        () -> provider.keycloakAccessToken(MALLORY)
                                .claim("preferred_username", "service-account-" + FakeProvider.CLIENT_ID)
                                .mint()),
                attack(
                        "Auth0's that our client got for itself",
                        Refusal.NOT_A_PERSON,
                        () -> provider.accessToken(MALLORY)
                                .claim("gty", "client-credentials")
                                .mint()),
                attack(
                        "opaque, that our client got for itself",
                        Refusal.NOT_A_PERSON,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("sub", FakeProvider.CLIENT_ID)
                                .mint()),
                attack("JWT whose scope opens no profile", Refusal.NO_PROFILE, () -> {
                    provider.userInfo().answersStatus(403);
                    return provider.accessToken(MALLORY).mint();
                }),
                attack("opaque, whose scope opens no profile", Refusal.NO_PROFILE, () -> {
                    provider.userInfo().answersStatus(403);
                    return provider.opaqueToken(MALLORY).mint();
                }),
                attack(
                        "JWT expired",
                        Refusal.EXPIRED,
                        () -> provider.accessToken(MALLORY)
                                .expiresIn(Duration.ofSeconds(-31))
                                .mint()),
                attack(
                        "JWT without expiry",
                        Refusal.NO_EXPIRY,
                        () -> provider.accessToken(MALLORY).noExpiry().mint()),
                attack(
                        "JWT of another issuer",
                        Refusal.WRONG_ISSUER,
                        () -> provider.accessToken(MALLORY)
                                .issuer("https://issuer.example")
                                .mint()),
                attack(
                        "JWT by another key",
                        Refusal.BAD_SIGNATURE,
                        () -> provider.accessToken(MALLORY)
                                .signedBy(FakeProvider.foreignKey(provider.key().getKeyID()))
                                .mint()),
                attack("JWT revoked at the provider", Refusal.INACTIVE, () -> {
                    String token = provider.accessToken(MALLORY).mint();
                    provider.revoke(token);
                    return token;
                }),
                attack(
                        "one of the realm's own",
                        Refusal.WRONG_ISSUER,
                        () -> realm.signInAlice(TestRealm.APP).accessToken()),
                attack(
                        "one of the realm's own refresh tokens",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> realm.signInAlice(TestRealm.APP).refreshToken()),
                attack(
                        "opaque of another application",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.opaqueToken(MALLORY)
                                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attack("opaque, unknown", Refusal.INACTIVE, () -> provider.unknownOpaqueToken()),
                attack(
                        "opaque, inactive",
                        Refusal.INACTIVE,
                        () -> provider.opaqueToken(MALLORY).inactive().mint()),
                attack(
                        "opaque, active only as text",
                        Refusal.INACTIVE,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects("active", "true")
                                .mint()),
                attack(
                        "opaque, introspection names no client",
                        Refusal.UNBOUND,
                        () -> provider.opaqueToken(MALLORY).namingNoClient().mint()),
                attack(
                        "opaque, introspection says expired",
                        Refusal.EXPIRED,
                        () -> provider.opaqueToken(MALLORY)
                                .introspects(
                                        "exp", Instant.now().minusSeconds(1).getEpochSecond())
                                .mint()),
                attack(
                        "opaque, profile of another person",
                        Refusal.OTHER_SUBJECT,
                        () -> provider.opaqueToken(MALLORY)
                                .userInfo("sub", "subject-of-somebody-else")
                                .mint()),
                attack(
                        "opaque, profile of nobody",
                        Refusal.NO_SUBJECT,
                        () -> provider.opaqueToken(MALLORY).noUserInfo("sub").mint()));
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                attack("garbage", Refusal.INACTIVE, () -> "garbage"),
                attack("dots", Refusal.INACTIVE, () -> "..."),
                attack("half a JWT", Refusal.MALFORMED, () -> "eyJhbGciOiJSUzI1NiJ9.e30"),
                attack("a JWT of five parts", Refusal.MALFORMED, () -> "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d"),
                attack("a JWT in a JWT's clothes", Refusal.MALFORMED, () -> "eyJ.eyJ.eyJ"),
                attack(
                        "a JWT with a line break",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY).mint().replaceFirst("\\.", "\n.")),
                attack(
                        "a JWT with a space",
                        Refusal.MALFORMED,
                        () -> provider.idToken(MALLORY).mint().replaceFirst("\\.", " .")),
                attack(
                        "an opaque token with a line break",
                        Refusal.MALFORMED,
                        () -> provider.opaqueToken(MALLORY).mint().replaceFirst("-", "-\r\n")),
                attack("a control character", Refusal.MALFORMED, () -> "abc\u0001def"),
                attack("an emoji", Refusal.MALFORMED, () -> "token-\uD83D\uDE00"));
    }

    @ParameterizedTest(name = "ID token {0}")
    @MethodSource("idTokens")
    void idTokenIsRefused(String what, Refusal refusal, Attack attack) {
        assertRefused("social", attack.token(), refusal);
    }

    @ParameterizedTest(name = "access token {0}")
    @MethodSource("accessTokens")
    void accessTokenIsRefused(String what, Refusal refusal, Attack attack) {
        assertRefused("social", attack.token(), refusal);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void nonsenseIsRefused(String what, Refusal refusal, Attack attack) {
        assertRefused("social", attack.token(), refusal);
    }

    static Stream<Arguments> otherBackends() {
        return Stream.of(
                Arguments.of("opaque", Refusal.OTHER_AUDIENCE, (Attack) () -> provider.opaqueToken(MALLORY)
                        .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                        .mint()),
                Arguments.of("opaque", Refusal.INACTIVE, (Attack) () -> provider.unknownOpaqueToken()),
                Arguments.of("opaque", Refusal.UNBOUND, (Attack)
                        () -> provider.opaqueToken(MALLORY).namingNoClient().mint()),
                Arguments.of("opaque", Refusal.UNSUPPORTED_TOKEN, (Attack)
                        () -> provider.idToken(MALLORY).mint()),
                Arguments.of("opaque", Refusal.NO_SUBJECT, (Attack)
                        () -> provider.opaqueToken(MALLORY).noUserInfo("sub").mint()),
                Arguments.of("opaque", Refusal.OTHER_SUBJECT, (Attack) () -> provider.opaqueToken(MALLORY)
                        .userInfo("sub", "subject-of-somebody-else")
                        .mint()),
                Arguments.of("opaque", Refusal.OTHER_AUDIENCE, (Attack) () -> provider.opaqueToken(MALLORY)
                        .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                        .audience(FakeProvider.CLIENT_ID)
                        .mint()),
                Arguments.of("nokeys-introspected", Refusal.OTHER_AUDIENCE, (Attack) () -> provider.accessToken(MALLORY)
                        .claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                        .audience(FakeProvider.CLIENT_ID)
                        .mint()),
                Arguments.of("noprofile", Refusal.NO_PROFILE, (Attack)
                        () -> provider.accessToken(MALLORY).mint()),
                Arguments.of("noprofile", Refusal.NO_PROFILE, (Attack)
                        () -> provider.opaqueToken(MALLORY).mint()),
                Arguments.of("unbound", Refusal.UNBOUND, (Attack)
                        () -> provider.opaqueToken(MALLORY).mint()),
                Arguments.of("nokeys", Refusal.NO_KEYS_CONFIGURED, (Attack)
                        () -> provider.idToken(MALLORY).mint()),
                Arguments.of("noissuer", Refusal.NO_ISSUER_CONFIGURED, (Attack)
                        () -> provider.idToken(MALLORY).mint()),
                Arguments.of("filtered", Refusal.PROFILE_REFUSED, (Attack) () ->
                        provider.idToken(MALLORY).claim("department", "sales").mint()),
                Arguments.of("filtered", Refusal.PROFILE_REFUSED, (Attack)
                        () -> provider.idToken(MALLORY).mint()),
                Arguments.of("filtered", Refusal.CLAIM_FILTER, (Attack) () -> provider.accessToken(MALLORY)
                        .claim("department", "engineering")
                        .mint()),
                Arguments.of("pem", Refusal.UNKNOWN_KEY, (Attack) () ->
                        provider.idToken(MALLORY).signedBy(provider.ecKey()).mint()),
                Arguments.of("pem", Refusal.BAD_SIGNATURE, (Attack)
                        () -> provider.idToken(MALLORY).signedBy(forged()).mint()),
                Arguments.of("pem", Refusal.UNSUPPORTED_ALGORITHM, (Attack)
                        () -> provider.idToken(MALLORY).hmacOfPublicKeyPem().mint()),
                Arguments.of("saml", Refusal.UNSUPPORTED_PROVIDER, (Attack)
                        () -> provider.idToken(MALLORY).mint()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("otherBackends")
    void otherBackendsRefuseToo(String backend, Refusal refusal, Attack attack) {
        assertRefused(backend, attack.token(), refusal);
    }

    @Test
    void staticKeyVerifies() {
        assertThat(convert("pem", provider.idToken(Person.unknown()).mint()).status())
                .isEqualTo(200);
    }

    @Test
    void claimFilterLetsThePersonThrough() {
        String token = provider.idToken(Person.unknown())
                .claim("department", "engineering")
                .mint();

        assertThat(convert("filtered", token).status()).isEqualTo(200);
    }

    @Test
    void tooLongATokenIsAnInvalidRequest() {
        Answer answer = convert("social", "eyJ" + "a".repeat(100_000) + ".e30.x");

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    private static void assertRefused(String backend, String token, Refusal refusal) {
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = convert(backend, token);

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        assertThat(answer.errorDescription()).isEqualTo("Token is not valid, or was not issued to this application");
        UserEvent event = realm.event("LOGIN_ERROR");
        assertThat(event.detail("reason")).isEqualTo(refusal.reason());
        assertThat(event.error()).isEqualTo("invalid_token");
        assertThat(event.detail("identity_provider")).isEqualTo(backend);
        assertThat(event.detail("auth_method")).isEqualTo("convert_token");
        assertThat(realm.userCount()).isEqualTo(users);
        assertNotLogged(token);
    }

    private static void assertNotLogged(String token) {
        String log = keycloak.log();
        Stream.of(token.split("[.\\s]"))
                .filter(part -> part.length() > 24)
                .forEach(part -> assertThat(log.contains(part)).isFalse());
    }

    private static Answer convert(String backend, String token) {
        return realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("backend", backend)
                .param("token", token)
                .post();
    }

    private static RSAKey forged() {
        return FakeProvider.foreignKey("forged");
    }

    private static String reheaded(String jwt, String header) {
        return Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(header.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                + jwt.substring(jwt.indexOf('.'));
    }

    private static Arguments attack(String what, Refusal refusal, Attack attack) {
        return Arguments.of(what, refusal, attack);
    }
}
