// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.reason.ReasonCode;
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
    record Attack(String backend, String what, ReasonCode refusal, Supplier<String> source) {

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
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.subject("s".repeat(256))),
                idToken(
                        "with a control character in the subject",
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.subject("a\u0000b")),
                idToken(
                        "with a session id that is too long to store",
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.claim("sid", "s".repeat(1024))),
                idToken(
                        "of another application",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.audience(FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "of another application that names us as authorized party",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.audience(FakeProvider.ANOTHER_CLIENT_ID).azp(FakeProvider.CLIENT_ID)),
                idToken(
                        "issued to another application, next to our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.audience(FakeProvider.CLIENT_ID, FakeProvider.ANOTHER_CLIENT_ID)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "with our audience next to another and no authorized party",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.audience(FakeProvider.CLIENT_ID, FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "issued to another application by client_id",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.nonce("n").claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "issued to another application by cid",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.nonce("n")
                                .azp(FakeProvider.CLIENT_ID)
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "with nonce, hash and scope, issued to another application",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.nonce("n")
                                .claim("at_hash", "h")
                                .claim("scope", "openid profile")
                                .audience(FakeProvider.CLIENT_ID)
                                .azp(FakeProvider.ANOTHER_CLIENT_ID)),
                idToken(
                        "with nonce, hash and scope, without issue time",
                        ReasonCode.ISSUE_TIME_MISSING,
                        token -> token.nonce("n")
                                .claim("at_hash", "h")
                                .claim("scope", "openid profile")
                                .noIssuedAt()),
                idToken(
                        "that may be an access token, without issue time",
                        ReasonCode.ISSUE_TIME_MISSING,
                        token -> token.claim("client_id", FakeProvider.CLIENT_ID)
                                .claim("scope", "read write")
                                .noIssuedAt()),
                idToken("without audience", ReasonCode.AUDIENCE_MISMATCH, token -> token.without("aud")),
                idToken(
                        "with our id as part of the audience's name",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.audience(FakeProvider.CLIENT_ID + "-evil")),
                idToken(
                        "with a nested audience",
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.claim("aud", List.of(List.of(FakeProvider.CLIENT_ID)))),
                idToken(
                        "of another issuer",
                        ReasonCode.ISSUER_MISMATCH,
                        token -> token.issuer("https://issuer.example")),
                idToken(
                        "of the issuer with a slash",
                        ReasonCode.ISSUER_MISMATCH,
                        token -> token.issuer(provider.issuer() + "/")),
                idToken("without issuer", ReasonCode.ISSUER_MISMATCH, token -> token.without("iss")),
                idToken("expired", ReasonCode.TOKEN_EXPIRED, token -> token.expiresIn(Duration.ofSeconds(-31))),
                idToken("without expiry", ReasonCode.EXPIRY_MISSING, token -> token.noExpiry()),
                idToken(
                        "with an expiry that is text",
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.claim("exp", "99999999999")),
                idToken(
                        "not yet valid",
                        ReasonCode.TOKEN_NOT_YET_VALID,
                        token -> token.notBefore(Instant.now().plusSeconds(60))),
                idToken(
                        "issued in the future",
                        ReasonCode.TOKEN_ISSUED_IN_FUTURE,
                        token -> token.issuedAt(Instant.now().plusSeconds(60))),
                idToken("without issue time", ReasonCode.ISSUE_TIME_MISSING, token -> token.noIssuedAt()),
                idToken("without subject", ReasonCode.SUBJECT_MISSING, token -> token.noSubject()),
                idToken("with an empty subject", ReasonCode.SUBJECT_MISSING, token -> token.subject(" ")),
                idToken(
                        "with a subject that is a truth value",
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.claim("sub", true)),
                idToken("of algorithm none", ReasonCode.ALGORITHM_UNSUPPORTED, token -> token.unsigned()),
                attack(
                        "of algorithm None",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        () -> reheaded(provider.idToken(MALLORY).mint(), "{\"alg\":\"None\"}")),
                attack(
                        "without algorithm",
                        ReasonCode.TOKEN_INACTIVE,
                        () -> reheaded(provider.idToken(MALLORY).mint(), "{\"typ\":\"JWT\"}")),
                idToken(
                        "by HMAC with the public key as text",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        token -> token.hmacOfPublicKeyPem()),
                idToken(
                        "by HMAC with the public key as bytes",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        token -> token.hmacOfPublicKeyDer()),
                idToken(
                        "by HMAC with our client secret",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        token -> token.hmacOfClientSecret()),
                idToken(
                        "by another key under the known key id",
                        ReasonCode.SIGNATURE_INVALID,
                        token -> token.signedBy(
                                FakeProvider.foreignKey(provider.key().getKeyID()))),
                idToken(
                        "by an unknown key",
                        ReasonCode.KEY_UNKNOWN,
                        token -> token.signedBy(FakeProvider.foreignKey("unknown"))),
                idToken(
                        "by another key without key id",
                        ReasonCode.SIGNATURE_INVALID,
                        token -> token.signedBy(FakeProvider.foreignKey("x")).noKid()),
                idToken(
                        "with the elliptic curve key's id on an RSA signature",
                        ReasonCode.KEY_UNKNOWN,
                        token -> token.kid(provider.ecKey().getKeyID())),
                idToken("that offers its own key", ReasonCode.KEY_UNKNOWN, token -> token.offersItsOwnKey(forged())),
                idToken(
                        "that offers its own key under the known key id",
                        ReasonCode.SIGNATURE_INVALID,
                        token -> token.offersItsOwnKey(forged())
                                .kid(provider.key().getKeyID())),
                idToken(
                        "with a critical header",
                        ReasonCode.CRITICAL_HEADER,
                        token -> token.header("crit", List.of("exp")).header("exp", 1)),
                attack(
                        "with a cut signature",
                        ReasonCode.SIGNATURE_INVALID,
                        () -> Jwts.withCutSignature(provider.idToken(MALLORY).mint())),
                attack(
                        "with no signature",
                        ReasonCode.SIGNATURE_INVALID,
                        () -> Jwts.withoutSignature(provider.idToken(MALLORY).mint())),
                attack(
                        "with a changed payload",
                        ReasonCode.SIGNATURE_INVALID,
                        () -> Jwts.withClaim(provider.idToken(MALLORY).mint(), "sub", "subject-of-somebody-else")),
                idToken(
                        "that is a logout token",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.type("logout+jwt")
                                .claim(
                                        "events",
                                        Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))),
                idToken(
                        "that is a logout token without type",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.claim(
                                "events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))),
                idToken(
                        "that is a Keycloak refresh token",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.claim("typ", "Refresh")),
                attack(
                        "that is one of the realm's own ID tokens",
                        ReasonCode.ISSUER_MISMATCH,
                        () -> realm.signInAlice(TestRealm.APP).idToken()));
    }

    Stream<Attack> accessTokens() {
        return Stream.of(
                accessToken(
                        "JWT bound to a key",
                        ReasonCode.TOKEN_SENDER_CONSTRAINED,
                        token -> token.claim("cnf", BINDING)),
                keycloakAccessToken(
                        "Keycloak's bound to a key",
                        ReasonCode.TOKEN_SENDER_CONSTRAINED,
                        token -> token.claim("typ", "DPoP").claim("cnf", BINDING)),
                opaqueToken(
                        "opaque, bound to a key",
                        ReasonCode.TOKEN_SENDER_CONSTRAINED,
                        token -> token.introspects("cnf", BINDING)),
                opaqueToken(
                        "opaque, of type DPoP",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.introspects("token_type", "DPoP")),
                opaqueToken(
                        "opaque, a refresh token",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.introspects("token_type", "Refresh")),
                opaqueToken(
                        "opaque, used as refresh token",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.introspects("token_use", "refresh_token")),
                opaqueToken(
                        "opaque, an ID token",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        token -> token.introspects("typ", "ID")),
                accessToken(
                        "JWT of another application",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)),
                accessToken(
                        "JWT whose client and authorized party differ",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.azp(FakeProvider.ANOTHER_CLIENT_ID)),
                keycloakAccessToken(
                        "Keycloak's of another application",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.azp(FakeProvider.ANOTHER_CLIENT_ID)),
                keycloakAccessToken(
                        "Keycloak's of another application, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.azp(FakeProvider.ANOTHER_CLIENT_ID).audience(FakeProvider.CLIENT_ID, "account")),
                accessToken(
                        "JWT of another application, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                accessToken(
                        "Okta's of another application, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.without("client_id")
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                accessToken(
                        "JWT of another application by one claim of three",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.azp(FakeProvider.CLIENT_ID)
                                .claim("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque of another application, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.issuedTo(FakeProvider.ANOTHER_CLIENT_ID).audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque of another application by azp, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.introspects("azp", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque of another application by cid, with our audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.introspectsNo("client_id")
                                .introspects("cid", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)),
                opaqueToken(
                        "opaque, whose client is not a text",
                        ReasonCode.TOKEN_MALFORMED,
                        token -> token.introspects("client_id", List.of(FakeProvider.CLIENT_ID))
                                .audience(FakeProvider.CLIENT_ID)),
                accessToken(
                        "JWT that our client got for itself",
                        ReasonCode.NOT_A_PERSON,
                        token -> token.subject(FakeProvider.CLIENT_ID)),
                keycloakAccessToken(
                        "Keycloak's of our client's service account",
                        ReasonCode.NOT_A_PERSON,
                        token -> token.claim("preferred_username", "service-account-" + FakeProvider.CLIENT_ID)),
                accessToken(
                        "Auth0's that our client got for itself",
                        ReasonCode.NOT_A_PERSON,
                        token -> token.claim("gty", "client-credentials")),
                opaqueToken(
                        "opaque, that our client got for itself",
                        ReasonCode.NOT_A_PERSON,
                        token -> token.introspects("sub", FakeProvider.CLIENT_ID)),
                attack("JWT whose scope opens no profile", ReasonCode.PROFILE_MISSING, () -> {
                    provider.userInfo().answersStatus(403);
                    return provider.accessToken(MALLORY).mint();
                }),
                attack("opaque, whose scope opens no profile", ReasonCode.PROFILE_MISSING, () -> {
                    provider.userInfo().answersStatus(403);
                    return provider.opaqueToken(MALLORY).mint();
                }),
                accessToken("JWT expired", ReasonCode.TOKEN_EXPIRED, token -> token.expiresIn(Duration.ofSeconds(-31))),
                accessToken("JWT without expiry", ReasonCode.EXPIRY_MISSING, token -> token.noExpiry()),
                accessToken(
                        "JWT of another issuer",
                        ReasonCode.ISSUER_MISMATCH,
                        token -> token.issuer("https://issuer.example")),
                accessToken(
                        "JWT by another key",
                        ReasonCode.SIGNATURE_INVALID,
                        token -> token.signedBy(
                                FakeProvider.foreignKey(provider.key().getKeyID()))),
                attack("JWT revoked at the provider", ReasonCode.TOKEN_INACTIVE, () -> {
                    String token = provider.accessToken(MALLORY).mint();
                    provider.revoke(token);
                    return token;
                }),
                attack(
                        "one of the realm's own",
                        ReasonCode.ISSUER_MISMATCH,
                        () -> realm.signInAlice(TestRealm.APP).accessToken()),
                attack(
                        "one of the realm's own refresh tokens",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        () -> realm.signInAlice(TestRealm.APP).refreshToken()),
                opaqueToken(
                        "opaque of another application",
                        ReasonCode.AUDIENCE_MISMATCH,
                        token -> token.issuedTo(FakeProvider.ANOTHER_CLIENT_ID)),
                attack("opaque, unknown", ReasonCode.TOKEN_INACTIVE, () -> provider.unknownOpaqueToken()),
                opaqueToken("opaque, inactive", ReasonCode.TOKEN_INACTIVE, token -> token.inactive()),
                opaqueToken(
                        "opaque, active only as text",
                        ReasonCode.TOKEN_INACTIVE,
                        token -> token.introspects("active", "true")),
                opaqueToken(
                        "opaque, introspection names no client",
                        ReasonCode.TOKEN_UNBOUND,
                        token -> token.namingNoClient()),
                opaqueToken(
                        "opaque, introspection says expired",
                        ReasonCode.TOKEN_EXPIRED,
                        token -> token.introspects(
                                "exp", Instant.now().minusSeconds(1).getEpochSecond())),
                opaqueToken(
                        "opaque, profile of another person",
                        ReasonCode.SUBJECT_MISMATCH,
                        token -> token.userInfo("sub", "subject-of-somebody-else")),
                opaqueToken("opaque, profile of nobody", ReasonCode.SUBJECT_MISSING, token -> token.noUserInfo("sub")));
    }

    Stream<Attack> nonsense() {
        return Stream.of(
                attack("garbage", ReasonCode.TOKEN_INACTIVE, () -> "garbage"),
                attack("dots", ReasonCode.TOKEN_INACTIVE, () -> "..."),
                attack("half a JWT", ReasonCode.TOKEN_MALFORMED, () -> "eyJhbGciOiJSUzI1NiJ9.e30"),
                attack("a JWT of five parts", ReasonCode.TOKEN_MALFORMED, () -> "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d"),
                attack("a JWT in a JWT's clothes", ReasonCode.TOKEN_MALFORMED, () -> "eyJ.eyJ.eyJ"),
                attack(
                        "a JWT with a line break",
                        ReasonCode.TOKEN_MALFORMED,
                        () -> provider.idToken(MALLORY).mint().replaceFirst("\\.", "\n.")),
                attack(
                        "a JWT with a space",
                        ReasonCode.TOKEN_MALFORMED,
                        () -> provider.idToken(MALLORY).mint().replaceFirst("\\.", " .")),
                attack(
                        "an opaque token with a line break",
                        ReasonCode.TOKEN_MALFORMED,
                        () -> provider.opaqueToken(MALLORY).mint().replaceFirst("-", "-\r\n")),
                attack("a control character", ReasonCode.TOKEN_MALFORMED, () -> "abc\u0001def"),
                attack("an emoji", ReasonCode.TOKEN_MALFORMED, () -> "token-\uD83D\uDE00"));
    }

    Stream<Attack> otherBackends() {
        return Stream.of(
                attackOn(
                        "opaque",
                        ReasonCode.AUDIENCE_MISMATCH,
                        () -> provider.opaqueToken(MALLORY)
                                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                                .mint()),
                attackOn("opaque", ReasonCode.TOKEN_INACTIVE, () -> provider.unknownOpaqueToken()),
                attackOn(
                        "opaque",
                        ReasonCode.TOKEN_UNBOUND,
                        () -> provider.opaqueToken(MALLORY).namingNoClient().mint()),
                attackOn(
                        "opaque",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "opaque",
                        ReasonCode.SUBJECT_MISSING,
                        () -> provider.opaqueToken(MALLORY).noUserInfo("sub").mint()),
                attackOn(
                        "opaque",
                        ReasonCode.SUBJECT_MISMATCH,
                        () -> provider.opaqueToken(MALLORY)
                                .userInfo("sub", "subject-of-somebody-else")
                                .mint()),
                attackOn(
                        "opaque",
                        ReasonCode.AUDIENCE_MISMATCH,
                        () -> provider.opaqueToken(MALLORY)
                                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attackOn(
                        "nokeys-introspected",
                        ReasonCode.AUDIENCE_MISMATCH,
                        () -> provider.accessToken(MALLORY)
                                .claim("client_id", FakeProvider.ANOTHER_CLIENT_ID)
                                .audience(FakeProvider.CLIENT_ID)
                                .mint()),
                attackOn(
                        "noprofile",
                        ReasonCode.PROFILE_MISSING,
                        () -> provider.accessToken(MALLORY).mint()),
                attackOn(
                        "noprofile",
                        ReasonCode.PROFILE_MISSING,
                        () -> provider.opaqueToken(MALLORY).mint()),
                attackOn(
                        "unbound",
                        ReasonCode.TOKEN_UNBOUND,
                        () -> provider.opaqueToken(MALLORY).mint()),
                attackOn(
                        "nokeys",
                        ReasonCode.KEYS_NOT_CONFIGURED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "noissuer",
                        ReasonCode.ISSUER_NOT_CONFIGURED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "filtered",
                        ReasonCode.PROFILE_REFUSED,
                        () -> provider.idToken(MALLORY)
                                .claim("department", "sales")
                                .mint()),
                attackOn(
                        "filtered",
                        ReasonCode.PROFILE_REFUSED,
                        () -> provider.idToken(MALLORY).mint()),
                attackOn(
                        "filtered",
                        ReasonCode.CLAIM_FILTER,
                        () -> provider.accessToken(MALLORY)
                                .claim("department", "engineering")
                                .mint()),
                attackOn(
                        "pem",
                        ReasonCode.KEY_UNKNOWN,
                        () -> provider.idToken(MALLORY)
                                .signedBy(provider.ecKey())
                                .mint()),
                attackOn(
                        "pem",
                        ReasonCode.SIGNATURE_INVALID,
                        () -> provider.idToken(MALLORY).signedBy(forged()).mint()),
                attackOn(
                        "pem",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        () -> provider.idToken(MALLORY).hmacOfPublicKeyPem().mint()),
                attackOn(
                        "saml",
                        ReasonCode.PROVIDER_UNSUPPORTED,
                        () -> provider.idToken(MALLORY).mint()));
    }

    private static Attack attack(String what, ReasonCode refusal, Supplier<String> source) {
        return new Attack(BACKEND, what, refusal, source);
    }

    private Attack idToken(String what, ReasonCode refusal, UnaryOperator<JwtBuilder> change) {
        return attack(
                what, refusal, () -> change.apply(provider.idToken(MALLORY)).mint());
    }

    private Attack accessToken(String what, ReasonCode refusal, UnaryOperator<JwtBuilder> change) {
        return attack(
                what, refusal, () -> change.apply(provider.accessToken(MALLORY)).mint());
    }

    private Attack keycloakAccessToken(String what, ReasonCode refusal, UnaryOperator<JwtBuilder> change) {
        return attack(
                what,
                refusal,
                () -> change.apply(provider.keycloakAccessToken(MALLORY)).mint());
    }

    private Attack opaqueToken(String what, ReasonCode refusal, UnaryOperator<OpaqueTokenBuilder> change) {
        return attack(
                what, refusal, () -> change.apply(provider.opaqueToken(MALLORY)).mint());
    }

    private static Attack attackOn(String backend, ReasonCode refusal, Supplier<String> source) {
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
