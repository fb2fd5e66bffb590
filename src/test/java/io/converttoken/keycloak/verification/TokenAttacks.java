// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.OpaqueTokenBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Tokens of an OpenID Connect provider that must not get in, whoever the provider is. */
final class TokenAttacks {

    static final String BACKEND = "social";

    private static final Person MALLORY = Person.named("mallory");

    private static final Map<String, String> BINDING = Map.of("jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");

    private final FakeProvider provider;
    private final TestRealm realm;

    TokenAttacks(FakeProvider provider, TestRealm realm) {
        this.provider = provider;
        this.realm = realm;
    }

    /**
     * One token that must not get in.
     *
     * @param backend that is asked to convert the token
     * @param what is wrong with the token
     * @param refusal why the conversion refuses it
     * @param source makes the token, at the time of the attack
     */
    record Attack(String backend, String what, Refusal refusal, Supplier<String> source) {

        String token() {
            return source.get();
        }

        @Override
        public String toString() {
            return backend.equals(BACKEND) ? what : backend + ": " + refusal;
        }
    }

    Stream<Attack> idTokens() {
        return Stream.of(
                idToken(
                        "with a subject that is too long to store",
                        Refusal.MALFORMED,
                        token -> token.subject("s".repeat(256))),
                idToken(
                        "with a control character in the subject",
                        Refusal.MALFORMED,
                        token -> token.subject("a\u0000b")),
                idToken(
                        "with a session id that is too long to store",
                        Refusal.MALFORMED,
                        token -> token.claim("sid", "s".repeat(1024))),
                idToken(
                        "of another application",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.audience(FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "of another application that names us as authorized party",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.audience(FakeProvider.ANOTHER_CLIENT_ID).azp(FakeProvider.CLIENT_ID)),
                idToken(
                        "issued to another application, next to our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.audience(FakeProvider.CLIENT_ID, FakeProvider.ANOTHER_CLIENT_ID)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "with our audience next to another and no authorized party",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.audience(FakeProvider.CLIENT_ID, FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "issued to another application by client_id",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.nonce("n").claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "issued to another application by cid",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.nonce("n")
                                .azp(FakeProvider.CLIENT_ID)
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "with nonce, hash and scope, issued to another application",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.nonce("n")
                                .claim("at_hash", "h")
                                .claim("scope", "openid profile")
                                .audience(FakeProvider.CLIENT_ID)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "with nonce, hash and scope, without issue time",
                        Refusal.NO_ISSUE_TIME,
                        token -> token.nonce("n")
                                .claim("at_hash", "h")
                                .claim("scope", "openid profile")
                                .noIssuedAt()),
                idToken(
                        "that may be an access token, without issue time",
                        Refusal.NO_ISSUE_TIME,
                        token -> token.claim("client_id", FakeProvider.CLIENT_ID)
                                .claim("scope", "read write")
                                .noIssuedAt()),
                idToken("without audience", Refusal.OTHER_AUDIENCE, token -> token.without("aud")),
                idToken(
                        "with our id as part of the audience's name",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.audience(FakeProvider.CLIENT_ID + "-evil")),
                idToken(
                        "with a nested audience",
                        Refusal.MALFORMED,
                        token -> token.claim("aud", List.of(List.of(FakeProvider.CLIENT_ID)))),
                idToken("of another issuer", Refusal.WRONG_ISSUER, token -> token.issuer("https://issuer.example")),
                idToken(
                        "of the issuer with a slash",
                        Refusal.WRONG_ISSUER,
                        token -> token.issuer(provider.issuer() + "/")),
                idToken("without issuer", Refusal.WRONG_ISSUER, token -> token.without("iss")),
                idToken("expired", Refusal.EXPIRED, token -> token.expiresIn(Duration.ofSeconds(-31))),
                idToken("without expiry", Refusal.NO_EXPIRY, token -> token.noExpiry()),
                idToken("with an expiry that is text", Refusal.MALFORMED, token -> token.claim("exp", "99999999999")),
                idToken(
                        "not yet valid",
                        Refusal.NOT_YET_VALID,
                        token -> token.notBefore(Instant.now().plusSeconds(60))),
                idToken(
                        "issued in the future",
                        Refusal.ISSUED_IN_FUTURE,
                        token -> token.issuedAt(Instant.now().plusSeconds(60))),
                idToken("without issue time", Refusal.NO_ISSUE_TIME, token -> token.noIssuedAt()),
                idToken("without subject", Refusal.NO_SUBJECT, token -> token.noSubject()),
                idToken("with an empty subject", Refusal.NO_SUBJECT, token -> token.subject(" ")),
                idToken("with a subject that is a truth value", Refusal.MALFORMED, token -> token.claim("sub", true)),
                idToken("of algorithm none", Refusal.UNSUPPORTED_ALGORITHM, token -> token.unsigned()),
                attack(
                        "of algorithm None",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> reheaded(provider.idToken(MALLORY).mint(), "{\"alg\":\"None\"}")),
                attack(
                        "without algorithm",
                        Refusal.INACTIVE,
                        () -> reheaded(provider.idToken(MALLORY).mint(), "{\"typ\":\"JWT\"}")),
                idToken(
                        "by HMAC with the public key as text",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        token -> token.hmacOfPublicKeyPem()),
                idToken(
                        "by HMAC with the public key as bytes",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        token -> token.hmacOfPublicKeyDer()),
                idToken(
                        "by HMAC with our client secret",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        token -> token.hmacOfClientSecret()),
                idToken(
                        "by another key under the known key id",
                        Refusal.BAD_SIGNATURE,
                        token -> token.signedBy(
                                FakeProvider.foreignKey(provider.key().getKeyID()))),
                idToken(
                        "by an unknown key",
                        Refusal.UNKNOWN_KEY,
                        token -> token.signedBy(FakeProvider.foreignKey("unknown"))),
                idToken(
                        "by another key without key id",
                        Refusal.BAD_SIGNATURE,
                        token -> token.signedBy(FakeProvider.foreignKey("x")).noKid()),
                idToken(
                        "with the elliptic curve key's id on an RSA signature",
                        Refusal.UNKNOWN_KEY,
                        token -> token.kid(provider.ecKey().getKeyID())),
                idToken("that offers its own key", Refusal.UNKNOWN_KEY, token -> token.offersItsOwnKey(forged())),
                idToken(
                        "that offers its own key under the known key id",
                        Refusal.BAD_SIGNATURE,
                        token -> token.offersItsOwnKey(forged())
                                .kid(provider.key().getKeyID())),
                idToken(
                        "with a critical header",
                        Refusal.CRITICAL_HEADER,
                        token -> token.header("crit", List.of("exp")).header("exp", 1)),
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
                idToken(
                        "that is a logout token",
                        Refusal.UNSUPPORTED_TOKEN,
                        token -> token.type("logout+jwt")
                                .claim(
                                        "events",
                                        Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))),
                idToken(
                        "that is a logout token without type",
                        Refusal.UNSUPPORTED_TOKEN,
                        token -> token.claim(
                                "events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))),
                idToken(
                        "that is a Keycloak refresh token",
                        Refusal.UNSUPPORTED_TOKEN,
                        token -> token.claim("typ", "Refresh")),
                attack(
                        "that is one of the realm's own ID tokens",
                        Refusal.WRONG_ISSUER,
                        () -> realm.signInAlice(TestRealm.APP).idToken()));
    }

    Stream<Attack> accessTokens() {
        return Stream.of(
                accessToken("JWT bound to a key", Refusal.SENDER_CONSTRAINED, token -> token.claim("cnf", BINDING)),
                keycloakAccessToken(
                        "Keycloak's bound to a key",
                        Refusal.SENDER_CONSTRAINED,
                        token -> token.claim("typ", "DPoP").claim("cnf", BINDING)),
                opaqueToken(
                        "opaque, bound to a key",
                        Refusal.SENDER_CONSTRAINED,
                        token -> token.introspects("cnf", BINDING)),
                opaqueToken(
                        "opaque, of type DPoP",
                        Refusal.UNSUPPORTED_TOKEN,
                        token -> token.introspects("token_type", "DPoP")),
                opaqueToken(
                        "opaque, a refresh token",
                        Refusal.UNSUPPORTED_TOKEN,
                        token -> token.introspects("token_type", "Refresh")),
                opaqueToken(
                        "opaque, used as refresh token",
                        Refusal.UNSUPPORTED_TOKEN,
                        token -> token.introspects("token_use", "refresh_token")),
                opaqueToken("opaque, an ID token", Refusal.UNSUPPORTED_TOKEN, token -> token.introspects("typ", "ID")),
                accessToken(
                        "JWT of another application",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)),
                accessToken(
                        "JWT whose client and authorized party differ",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.azp(FakeProvider.ANOTHER_CLIENT_ID)),
                keycloakAccessToken(
                        "Keycloak's of another application",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.azp(FakeProvider.ANOTHER_CLIENT_ID)),
                keycloakAccessToken(
                        "Keycloak's of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.azp(FakeProvider.ANOTHER_CLIENT_ID).audience(FakeProvider.CLIENT_ID, "account")),
                accessToken(
                        "JWT of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                accessToken(
                        "Okta's of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.without("client_id")
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                accessToken(
                        "JWT of another application by one claim of three",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.azp(FakeProvider.CLIENT_ID)
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque of another application, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.issuedTo(FakeProvider.ANOTHER_CLIENT_ID).audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque of another application by azp, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.introspects("azp", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque of another application by cid, with our audience",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.introspectsNo("client_id")
                                .introspects("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque, whose client is not a text",
                        Refusal.MALFORMED,
                        token -> token.introspects("client_id", List.of(FakeProvider.CLIENT_ID))
                                .audience(FakeProvider.CLIENT_ID)),
                accessToken(
                        "JWT that our client got for itself",
                        Refusal.NOT_A_PERSON,
                        token -> token.subject(FakeProvider.CLIENT_ID)),
                keycloakAccessToken(
                        "Keycloak's of our client's service account",
                        Refusal.NOT_A_PERSON,
                        token -> token.claim("preferred_username", "service-account-" + FakeProvider.CLIENT_ID)),
                accessToken(
                        "Auth0's that our client got for itself",
                        Refusal.NOT_A_PERSON,
                        token -> token.claim("gty", "client-credentials")),
                opaqueToken(
                        "opaque, that our client got for itself",
                        Refusal.NOT_A_PERSON,
                        token -> token.introspects("sub", FakeProvider.CLIENT_ID)),
                attack("JWT whose scope opens no profile", Refusal.NO_PROFILE, () -> {
                    provider.userInfo().answersStatus(403);
                    return provider.accessToken(MALLORY).mint();
                }),
                attack("opaque, whose scope opens no profile", Refusal.NO_PROFILE, () -> {
                    provider.userInfo().answersStatus(403);
                    return provider.opaqueToken(MALLORY).mint();
                }),
                accessToken("JWT expired", Refusal.EXPIRED, token -> token.expiresIn(Duration.ofSeconds(-31))),
                accessToken("JWT without expiry", Refusal.NO_EXPIRY, token -> token.noExpiry()),
                accessToken(
                        "JWT of another issuer", Refusal.WRONG_ISSUER, token -> token.issuer("https://issuer.example")),
                accessToken(
                        "JWT by another key",
                        Refusal.BAD_SIGNATURE,
                        token -> token.signedBy(
                                FakeProvider.foreignKey(provider.key().getKeyID()))),
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
                opaqueToken(
                        "opaque of another application",
                        Refusal.OTHER_AUDIENCE,
                        token -> token.issuedTo(FakeProvider.ANOTHER_CLIENT_ID)),
                attack("opaque, unknown", Refusal.INACTIVE, () -> provider.unknownOpaqueToken()),
                opaqueToken("opaque, inactive", Refusal.INACTIVE, token -> token.inactive()),
                opaqueToken(
                        "opaque, active only as text", Refusal.INACTIVE, token -> token.introspects("active", "true")),
                opaqueToken("opaque, introspection names no client", Refusal.UNBOUND, token -> token.namingNoClient()),
                opaqueToken(
                        "opaque, introspection says expired",
                        Refusal.EXPIRED,
                        token -> token.introspects(
                                "exp", Instant.now().minusSeconds(1).getEpochSecond())),
                opaqueToken(
                        "opaque, profile of another person",
                        Refusal.OTHER_SUBJECT,
                        token -> token.userInfo("sub", "subject-of-somebody-else")),
                opaqueToken("opaque, profile of nobody", Refusal.NO_SUBJECT, token -> token.noUserInfo("sub")));
    }

    Stream<Attack> nonsense() {
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

    Stream<Attack> otherBackends() {
        return Stream.of(
                attackOn(
                        "opaque",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.opaqueToken(MALLORY)
                                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attackOn("opaque", Refusal.INACTIVE, () -> provider.unknownOpaqueToken()),
                attackOn(
                        "opaque",
                        Refusal.UNBOUND,
                        () -> provider.opaqueToken(MALLORY).namingNoClient().mint()),
                attackOn(
                        "opaque",
                        Refusal.UNSUPPORTED_TOKEN,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "opaque",
                        Refusal.NO_SUBJECT,
                        () -> provider.opaqueToken(MALLORY).noUserInfo("sub").mint()),
                attackOn(
                        "opaque",
                        Refusal.OTHER_SUBJECT,
                        () -> provider.opaqueToken(MALLORY)
                                .userInfo("sub", "subject-of-somebody-else")
                                .mint()),
                attackOn(
                        "opaque",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.opaqueToken(MALLORY)
                                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attackOn(
                        "nokeys-introspected",
                        Refusal.OTHER_AUDIENCE,
                        () -> provider.accessToken(MALLORY)
                                .claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attackOn(
                        "noprofile",
                        Refusal.NO_PROFILE,
                        () -> provider.accessToken(MALLORY).mint()),
                attackOn(
                        "noprofile",
                        Refusal.NO_PROFILE,
                        () -> provider.opaqueToken(MALLORY).mint()),
                attackOn(
                        "unbound",
                        Refusal.UNBOUND,
                        () -> provider.opaqueToken(MALLORY).mint()),
                attackOn(
                        "nokeys",
                        Refusal.NO_KEYS_CONFIGURED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "noissuer",
                        Refusal.NO_ISSUER_CONFIGURED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "filtered",
                        Refusal.PROFILE_REFUSED,
                        () -> provider.idToken(MALLORY)
                                .claim("department", "sales")
                                .mint()),
                attackOn(
                        "filtered",
                        Refusal.PROFILE_REFUSED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "filtered",
                        Refusal.CLAIM_FILTER,
                        () -> provider.accessToken(MALLORY)
                                .claim("department", "engineering")
                                .mint()),
                attackOn(
                        "pem",
                        Refusal.UNKNOWN_KEY,
                        () -> provider.idToken(MALLORY)
                                .signedBy(provider.ecKey())
                                .mint()),
                attackOn(
                        "pem",
                        Refusal.BAD_SIGNATURE,
                        () -> provider.idToken(MALLORY).signedBy(forged()).mint()),
                attackOn(
                        "pem",
                        Refusal.UNSUPPORTED_ALGORITHM,
                        () -> provider.idToken(MALLORY).hmacOfPublicKeyPem().mint()),
                attackOn(
                        "saml",
                        Refusal.UNSUPPORTED_PROVIDER,
                        () -> provider.idToken(MALLORY).mint()));
    }

    private static Attack attack(String what, Refusal refusal, Supplier<String> source) {
        return new Attack(BACKEND, what, refusal, source);
    }

    private Attack idToken(String what, Refusal refusal, UnaryOperator<JwtBuilder> change) {
        return attack(
                what, refusal, () -> change.apply(provider.idToken(MALLORY)).mint());
    }

    private Attack accessToken(String what, Refusal refusal, UnaryOperator<JwtBuilder> change) {
        return attack(
                what, refusal, () -> change.apply(provider.accessToken(MALLORY)).mint());
    }

    private Attack keycloakAccessToken(String what, Refusal refusal, UnaryOperator<JwtBuilder> change) {
        return attack(
                what,
                refusal,
                () -> change.apply(provider.keycloakAccessToken(MALLORY)).mint());
    }

    private Attack opaqueToken(String what, Refusal refusal, UnaryOperator<OpaqueTokenBuilder> change) {
        return attack(
                what, refusal, () -> change.apply(provider.opaqueToken(MALLORY)).mint());
    }

    private static Attack attackOn(String backend, Refusal refusal, Supplier<String> source) {
        return new Attack(backend, "", refusal, source);
    }

    private static RSAKey forged() {
        return FakeProvider.foreignKey("forged");
    }

    private static String reheaded(String jwt, String header) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + jwt.substring(jwt.indexOf('.'));
    }
}
