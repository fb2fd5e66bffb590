// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static io.converttoken.keycloak.verification.FieldReport.Browser.DOES_NOT_APPLY;
import static io.converttoken.keycloak.verification.FieldReport.Browser.REFUSES;
import static io.converttoken.keycloak.verification.FieldReport.Browser.SIGNS_IN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.Ed25519Key;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Json;
import io.converttoken.keycloak.testing.Jwes;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.verification.FieldReport.Situation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people report who do this job, here and elsewhere: the tokens that their providers issue. Each row says where it was
 * reported, what is odd about it, what the browser login of the same Keycloak does, and what a conversion comes to. Where
 * both sign in, it is the same user. Each report adds a row; the table goes to {@code target/field.md}.
 */
@ExtendWith(KeycloakExtension.class)
class FieldIT {

    private static final String USER_ID = "00ub0oNGTSWTBKOLGLNR";
    private static final AtomicInteger BACKENDS = new AtomicInteger();
    private static final List<FieldReport> REPORTED = new ArrayList<>();

    private static TestRealm realm;
    private static KeycloakServer keycloak;
    private static OpenIdProvider provider;
    private static SocialHosts hosts;
    private static RSAKey realmKey;

    @BeforeAll
    static void realm(TestRealm testRealm, SocialHosts socialHosts, AdminApi admin, KeycloakServer server) {
        realm = testRealm;
        hosts = socialHosts;
        keycloak = server;
        provider = hosts.get(OpenIdProvider.class);
        realmKey = Jwes.encryptionKey(realm);
        admin.requireNothingOfUsers(realm.name());
    }

    @AfterEach
    void everybodyBehavesWell() {
        provider.issuesIdTokens(UnaryOperator.identity(), UnaryOperator.identity());
        hosts.reset();
    }

    @AfterAll
    static void report() throws IOException {
        Files.writeString(Path.of("target", "field.md"), FieldReport.markdown(REPORTED));
    }

    static Stream<FieldReport> clocks() {
        String google = "googleapis/google-auth-library-python#889";
        String gmail = "GAM-team/got-your-back#343";
        Map<String, String> skew = Map.of("allowedClockSkew", "120");
        return Stream.of(
                idToken(google, "ID token issued 2 s ahead", SIGNS_IN, token -> token.issuedAt(inSeconds(2))),
                idToken(gmail, "ID token valid 2 s ahead", REFUSES, token -> token.notBefore(inSeconds(2))),
                idToken(google, "ID token issued 25 s ahead", SIGNS_IN, token -> token.issuedAt(inSeconds(25))),
                idToken(google, "ID token issued 60 s ahead", SIGNS_IN, token -> token.issuedAt(inSeconds(60)))
                        .isRefused(ReasonCode.TOKEN_ISSUED_IN_FUTURE),
                idToken(google, "ID token valid 60 s ahead", REFUSES, token -> token.notBefore(inSeconds(60)))
                        .isRefused(ReasonCode.TOKEN_NOT_YET_VALID),
                idToken(
                                google,
                                "both 60 s ahead, with an allowed clock skew of 120 s",
                                SIGNS_IN,
                                token -> token.issuedAt(inSeconds(60)).notBefore(inSeconds(60)))
                        .with(skew),
                idToken(
                                google,
                                "issued 150 s ahead, with an allowed clock skew of 120 s",
                                SIGNS_IN,
                                token -> token.issuedAt(inSeconds(150)))
                        .with(skew)
                        .isRefused(ReasonCode.TOKEN_ISSUED_IN_FUTURE),
                idToken(google, "ID token that expired 2 s ago", REFUSES, token -> token.expiresAt(inSeconds(-2)))
                        .isRefused(ReasonCode.TOKEN_EXPIRED),
                accessToken(
                        google,
                        "JWT access token issued and valid 2 s ahead",
                        token -> token.issuedAt(inSeconds(2)).notBefore(inSeconds(2))),
                accessToken(google, "JWT access token issued 60 s ahead", token -> token.issuedAt(inSeconds(60)))
                        .isRefused(ReasonCode.TOKEN_ISSUED_IN_FUTURE),
                introspected(
                        google,
                        "introspection says issued and valid 2 s ahead",
                        () -> Map.of(
                                "iat",
                                inSeconds(2).getEpochSecond(),
                                "nbf",
                                inSeconds(2).getEpochSecond())),
                introspected(
                                google,
                                "introspection says valid 60 s ahead",
                                () -> Map.of("nbf", inSeconds(60).getEpochSecond()))
                        .isRefused(ReasonCode.TOKEN_NOT_YET_VALID),
                introspected(
                                google,
                                "introspection says expired, the clock skew allows it",
                                () -> Map.of("exp", inSeconds(-60).getEpochSecond()))
                        .with(skew));
    }

    static Stream<FieldReport> kinds() {
        return Stream.of(
                idToken(
                        "zitadel",
                        "ID token with azp, client_id and the project in aud",
                        SIGNS_IN,
                        token -> token.audience(provider.clientId(), "177073614158299139")
                                .azp(provider.clientId())
                                .claim("client_id", provider.clientId())
                                .claim("at_hash", "pdl8r0rPDjU4dRNyWvwGHw")
                                .claim("amr", List.of("password", "pwd"))),
                idToken(
                        "authelia/authelia#3150",
                        "ID token with client_id, rat and a list of audiences",
                        SIGNS_IN,
                        token -> token.claim("aud", List.of(provider.clientId()))
                                .azp(provider.clientId())
                                .claim("client_id", provider.clientId())
                                .claim("rat", inSeconds(-1).getEpochSecond())),
                idToken(
                        "cloudfoundry/uaa",
                        "ID token with cid, client_id and a list of scopes",
                        SIGNS_IN,
                        token -> token.claim("aud", List.of(provider.clientId()))
                                .azp(provider.clientId())
                                .claim("client_id", provider.clientId())
                                .claim("cid", provider.clientId())
                                .claim("scope", List.of("openid"))
                                .claim("zid", "uaa")
                                .claim("rev_sig", "d0b53ab1")),
                idToken(
                        "FusionAuth/fusionauth-issues",
                        "ID token with scope and scp",
                        SIGNS_IN,
                        token -> token.claim("scope", "openid email offline_access")
                                .claim("scp", List.of("openid", "email"))
                                .claim("applicationId", provider.clientId())
                                .claim("authenticationType", "PASSWORD")
                                .claim("tid", "a82d6a5b-5d6f-4d3c-8d5f-5f5f5f5f5f5f")),
                idToken(
                        "ForgeRock AM",
                        "header text that begins with a brace and a blank",
                        SIGNS_IN,
                        token ->
                                token.headerText(text -> text.replace("{", "{ ").replace(",", ", "))),
                accessToken(
                        "ForgeRock AM",
                        "access token with such a header",
                        token -> token.headerText(text -> "{ \n" + text.substring(1))),
                idToken("FusionAuth, Keycloak", "payload with typ JWT", SIGNS_IN, token -> token.claim("typ", "JWT")),
                accessToken("FusionAuth", "access token whose payload has typ JWT", token -> token.claim("typ", "JWT")),
                idToken(
                                "no report",
                                "ID token of Zitadel's that another client got",
                                REFUSES,
                                token -> token.audience(provider.clientId(), "177073614158299139")
                                        .azp(provider.anotherClientId())
                                        .claim("client_id", provider.anotherClientId()))
                        .isRefused(ReasonCode.AUDIENCE_MISMATCH));
    }

    static Stream<FieldReport> subjects() {
        String okta = "Okta, sub of access tokens";
        return Stream.of(
                accessToken(
                                okta,
                                "JWT with the login in sub, the id in uid and userinfo",
                                token -> token.subject("login@company.example")
                                        .claim("uid", USER_ID)
                                        .without("client_id")
                                        .claim("cid", provider.clientId())
                                        .claim("scp", List.of("openid", "profile", "email"))
                                        .audience("https://company.okta.example"))
                        .of(USER_ID),
                introspected(
                                okta,
                                "introspection names the login in sub, userinfo the id",
                                () -> Map.of(
                                        "sub", "login@company.example",
                                        "username", "login@company.example",
                                        "uid", USER_ID,
                                        "aud", "https://company.okta.example"))
                        .of(USER_ID),
                accessToken(
                                okta,
                                "login in sub and userinfo switched off",
                                token -> token.subject("login@company.example").claim("uid", USER_ID))
                        .of(USER_ID)
                        .with(Map.of("disableUserInfo", "true"))
                        .isRefused(ReasonCode.PROFILE_MISSING),
                accessToken(
                                "no report",
                                "sub of nobody whom userinfo knows",
                                token -> token.subject("somebody.else@company.example"))
                        .isRefused(ReasonCode.SUBJECT_MISMATCH),
                idToken(
                                "numbers as ids",
                                "ID token with a number in sub",
                                SIGNS_IN,
                                token -> token.claim("sub", 4711123456789L))
                        .of("4711123456789"),
                introspected(
                                "numbers as ids",
                                "introspection with a number in sub",
                                () -> Map.of("sub", 4711123456780L))
                        .of("4711123456780"),
                introspected(
                        "numbers as ids", "introspection with a number as user name", () -> Map.of("username", 4711)),
                accessToken("numbers as ids", "userinfo with a number in sub", UnaryOperator.identity())
                        .of("4711123456781")
                        .where(person -> provider.userInfo()
                                .answersJson(changed(person.claims(), Map.of("sub", 4711123456781L)))),
                idToken(
                                "numbers as ids",
                                "ID token with a fraction in sub",
                                SIGNS_IN,
                                token -> token.claim("sub", 47.5))
                        .of("47.5")
                        .isRefused(ReasonCode.TOKEN_MALFORMED));
    }

    static Stream<FieldReport> encrypted() {
        UnaryOperator<String> forTheRealm = token -> Jwes.encrypt(token, realmKey);
        RSAKey anothers = FakeProvider.foreignKey("of-somebody-else");
        return Stream.of(
                idToken(
                                "id_token_encrypted_response_alg",
                                "ID token encrypted for the realm",
                                SIGNS_IN,
                                UnaryOperator.identity())
                        .inForm(forTheRealm),
                idToken(
                                "id_token_encrypted_response_alg",
                                "encrypted for the realm, naming no key",
                                SIGNS_IN,
                                UnaryOperator.identity())
                        .inForm(token -> Jwes.encryptNamingNoKey(token, realmKey, JWEAlgorithm.parse("RSA-OAEP"))),
                idToken(
                                "no report",
                                "encrypted for the realm, of another client",
                                REFUSES,
                                token -> token.audience(provider.anotherClientId()))
                        .inForm(forTheRealm)
                        .isRefused(ReasonCode.AUDIENCE_MISMATCH),
                idToken(
                                "no report",
                                "encrypted for the realm by whoever knows its key, not signed",
                                REFUSES,
                                JwtBuilder::unsigned)
                        .inForm(forTheRealm)
                        .isRefused(ReasonCode.ALGORITHM_UNSUPPORTED),
                idToken("no report", "encrypted twice", REFUSES, UnaryOperator.identity())
                        .inForm(token -> Jwes.encrypt(Jwes.encrypt(token, realmKey), realmKey))
                        .isRefused(ReasonCode.TOKEN_INACTIVE),
                idToken("no report", "ID token encrypted for another application", REFUSES, UnaryOperator.identity())
                        .inForm(token -> Jwes.encrypt(token, anothers))
                        .isRefused(ReasonCode.TOKEN_INACTIVE),
                idToken("RFC 8725, section 3.2", "encrypted by RSA1_5", REFUSES, UnaryOperator.identity())
                        .inForm(token -> Jwes.encrypt(token, realmKey, JWEAlgorithm.parse("RSA1_5")))
                        .isRefused(ReasonCode.TOKEN_INACTIVE),
                accessToken(
                                "Auth0, AD FS",
                                "access token encrypted for its API, introspected",
                                UnaryOperator.identity())
                        .inForm(token -> provider.knownAs(Jwes.encrypt(token, anothers), token)),
                accessToken("Auth0, AD FS", "the same where there is no introspection", UnaryOperator.identity())
                        .inForm(token -> provider.knownAs(Jwes.encrypt(token, anothers), token))
                        .with(Map.of("tokenIntrospectionUrl", ""))
                        .isRefused(ReasonCode.TOKEN_UNBOUND),
                accessToken("PingFederate", "access token encrypted for the realm", UnaryOperator.identity())
                        .inForm(token -> provider.knownAs(Jwes.encrypt(token, realmKey), token))
                        .with(Map.of("tokenIntrospectionUrl", "")));
    }

    static Stream<FieldReport> answers() {
        String signed = "userinfo_signed_response_alg";
        return Stream.of(
                idToken(signed, "userinfo as a signed JWT", SIGNS_IN, UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person -> userInfoIs(userInfo(person).mint())),
                accessToken(signed, "userinfo as a signed JWT for a JWT access token", UnaryOperator.identity())
                        .where(person -> userInfoIs(userInfo(person).mint())),
                idToken(
                                "userinfo_encrypted_response_alg",
                                "userinfo signed and encrypted for the realm",
                                SIGNS_IN,
                                UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person ->
                                userInfoIs(Jwes.encrypt(userInfo(person).mint(), realmKey))),
                idToken(
                                "userinfo_encrypted_response_alg",
                                "userinfo encrypted for the realm, not signed",
                                SIGNS_IN,
                                UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person -> userInfoIs(Jwes.encrypt(Json.write(person.claims()), realmKey))),
                idToken("no report", "userinfo signed by somebody else", REFUSES, UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person -> userInfoIs(userInfo(person)
                                .signedBy(FakeProvider.foreignKey("forged"))
                                .mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                idToken("no report", "userinfo with alg none", REFUSES, UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person -> userInfoIs(userInfo(person).unsigned().mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                idToken("no report", "userinfo signed for another client", SIGNS_IN, UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person -> userInfoIs(userInfo(person)
                                .audience(provider.anotherClientId())
                                .mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                idToken("no report", "userinfo of another issuer", SIGNS_IN, UnaryOperator.identity())
                        .converting(person -> provider.accessToken(person).mint())
                        .where(person -> userInfoIs(
                                userInfo(person).issuer("https://other.example").mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                introspected("RFC 9701", "introspection as a signed JWT", () -> Map.of())
                        .where(person -> introspectionIs(introspection(person).mint())),
                introspected("RFC 9701", "introspection signed by somebody else", () -> Map.of())
                        .where(person -> introspectionIs(introspection(person)
                                .signedBy(FakeProvider.foreignKey("forged"))
                                .mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                introspected("RFC 9701", "introspection signed for another client", () -> Map.of())
                        .where(person -> introspectionIs(introspection(person)
                                .audience(provider.anotherClientId())
                                .mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                introspected("RFC 9701", "introspection as a JWT, inactive", () -> Map.of())
                        .where(person -> introspectionIs(introspection(person)
                                .claim("token_introspection", Map.of("active", false))
                                .mint()))
                        .isRefused(ReasonCode.TOKEN_INACTIVE),
                introspected("RFC 9701", "a JWT without what it is about", () -> Map.of())
                        .where(person -> introspectionIs(introspection(person)
                                .without("token_introspection")
                                .claim("active", true)
                                .mint()))
                        .isRefused(ReasonCode.ANSWER_UNREADABLE),
                introspected("configuration", "no client secret to introspect with", () -> Map.of())
                        .with(Map.of("clientSecret", ""))
                        .isRefused(ReasonCode.SECRET_NOT_CONFIGURED));
    }

    static Stream<FieldReport> blanks() {
        return Stream.of(
                idToken(
                                "pasted tokens",
                                "ID token with blanks and a line's end around it",
                                SIGNS_IN,
                                UnaryOperator.identity())
                        .converting(person -> " \t" + provider.issuedIdToken(person) + "\r\n"),
                introspected("pasted tokens", "opaque token with a line's end", () -> Map.of())
                        .converting(person -> provider.accessToken(person).mint() + "\n"),
                idToken("pasted tokens", "ID token broken over two lines", SIGNS_IN, UnaryOperator.identity())
                        .converting(person -> {
                            String token = provider.issuedIdToken(person);
                            return token.substring(0, 40) + "\n" + token.substring(40);
                        })
                        .isRefused(ReasonCode.TOKEN_MALFORMED));
    }

    static Stream<FieldReport> keySets() {
        RSAKey other = FakeProvider.foreignKey("other");
        Ed25519Key edwards = Ed25519Key.generate("edwards");
        return Stream.of(
                keys("byte order mark before the key set", REFUSES, () -> "\ufeff" + keySet(key()))
                        .isRefused(ReasonCode.KEYS_UNREADABLE),
                keys("key set of 300 kB", SIGNS_IN, () -> keySet(key(), filler(300_000))),
                keys("redirect within the host", REFUSES, null)
                        .where(person ->
                                provider.keys().orElseThrow().redirectsTo(URI.create(OpenIdProvider.MOVED_KEYS)))
                        .isRefused(ReasonCode.KEYS_UNREADABLE),
                keys("byte order mark, charset named", REFUSES, null)
                        .where(person -> provider.keys()
                                .orElseThrow()
                                .answers(200, "application/json;charset=utf-8", "\ufeff" + keySet(key())))
                        .isRefused(ReasonCode.KEYS_UNREADABLE),
                keys("key without kid, token with one", REFUSES, () -> keySet(without(key(), "kid")))
                        .isRefused(ReasonCode.KEY_UNKNOWN),
                keys("key without kid, token without one", SIGNS_IN, () -> keySet(without(key(), "kid")))
                        .issuing(JwtBuilder::noKid),
                keys("two keys, token without kid, by the first", SIGNS_IN, () -> keySet(key(), jwk(other)))
                        .issuing(JwtBuilder::noKid),
                keys("two keys, token without kid, by the second", REFUSES, () -> keySet(jwk(other), key()))
                        .issuing(JwtBuilder::noKid)
                        .isRefused(ReasonCode.SIGNATURE_INVALID),
                keys("key without use", SIGNS_IN, () -> keySet(without(key(), "use"))),
                keys("key without alg", SIGNS_IN, () -> keySet(without(key(), "alg"))),
                keys("beside a key that has x5c alone", SIGNS_IN, () -> keySet(x5cAlone(), key())),
                keys("beside keys of unknown kinds", SIGNS_IN, () -> keySet(unknownKind(), key())),
                keys(
                        "beside an encryption key",
                        SIGNS_IN,
                        () -> keySet(changed(jwk(other), Map.of("use", "enc")), key())),
                keys(
                                "the signing key is published for encryption",
                                REFUSES,
                                () -> keySet(changed(key(), Map.of("use", "enc"))))
                        .isRefused(ReasonCode.KEY_UNKNOWN),
                keys("Ed25519 key under the name EdDSA", SIGNS_IN, () -> keySet(edwards.published("EdDSA")))
                        .issuing(token -> token.signedBy(edwards, "EdDSA")),
                keys(
                                "Ed25519 key under its own name, token says EdDSA",
                                REFUSES,
                                () -> keySet(edwards.published("Ed25519")))
                        .issuing(token -> token.signedBy(edwards, "EdDSA")),
                keys("Ed25519 by RFC 9864", REFUSES, () -> keySet(edwards.published("Ed25519")))
                        .issuing(token -> token.signedBy(edwards, "Ed25519")),
                keys("JSON that is no key set", REFUSES, () -> "{\"message\":\"moved\"}")
                        .isRefused(ReasonCode.KEYS_UNREADABLE),
                keys("a list instead of a key set", REFUSES, () -> "[]").isRefused(ReasonCode.KEYS_UNREADABLE),
                keys("no key at all", REFUSES, () -> "{\"keys\":[]}").isRefused(ReasonCode.KEY_UNKNOWN));
    }

    /** As each provider documents its tokens; {@code docs/providers.md} says what to send and to configure. */
    static Stream<FieldReport> providers() {
        String okta = "https://company.okta.com/oauth2/default";
        String auth0 = "https://company.eu.auth0.com/";
        String tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
        String entraV1 = "https://sts.windows.net/" + tenant + "/";
        String external = "https://" + tenant + ".ciamlogin.com/" + tenant + "/v2.0";
        String cognito = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE";
        String ping = "https://auth.pingone.eu/" + tenant + "/as";
        String forgeRock = "https://am.company.example:8443/openam/oauth2/alpha";
        String adfs = "https://adfs.company.example/adfs";
        return Stream.of(
                documentedIdToken(
                                "Okta",
                                okta,
                                token -> token.claim("ver", 1)
                                        .claim("idp", "00ok1u7AsAkrwdZL3z0g3")
                                        .claim("amr", List.of("pwd"))
                                        .claim("at_hash", "preview_at_hash"))
                        .of(USER_ID),
                documentedAccessToken(
                                "Okta",
                                okta,
                                token -> token.claim("ver", 1)
                                        .type("JWT")
                                        .subject("login@company.example")
                                        .claim("uid", "00ub0oNGTSWTBKOLGLN1")
                                        .without("client_id")
                                        .without("scope")
                                        .claim("cid", provider.clientId())
                                        .claim("scp", List.of("profile", "email", "openid"))
                                        .audience("api://default"))
                        .of("00ub0oNGTSWTBKOLGLN1"),
                documentedAccessToken(
                                "Okta",
                                "https://company.okta.com",
                                token -> token.claim("ver", 1)
                                        .type("JWT")
                                        .subject("login@company.example")
                                        .claim("uid", "00ub0oNGTSWTBKOLGLN2")
                                        .without("client_id")
                                        .claim("cid", provider.clientId())
                                        .audience("https://company.okta.com")
                                        .signedBy(FakeProvider.foreignKey("of-the-organization-server")))
                        .titled("access token of the organization server, whose keys are Okta's secret")
                        .of("00ub0oNGTSWTBKOLGLN2")
                        .isRefused(ReasonCode.KEY_UNKNOWN),
                documentedIdToken(
                                "Auth0",
                                auth0,
                                token -> token.claim("nickname", "login")
                                        .claim("updated_at", "2026-11-01T10:00:00.000Z")
                                        .claim("sid", "jzKCsVPm1mNFDSsQ7v9xKZ"))
                        .of("auth0|507f1f77bcf86cd799439020"),
                documentedAccessToken(
                                "Auth0",
                                auth0,
                                token -> token.type("JWT")
                                        .audience("https://api.company.example", auth0 + "userinfo")
                                        .without("client_id")
                                        .azp(provider.clientId()))
                        .of("auth0|507f1f77bcf86cd799439021"),
                documentedAccessToken("Auth0", auth0, UnaryOperator.identity())
                        .titled("access token for no API: encrypted, for Auth0 alone")
                        .inForm(token ->
                                provider.knownAs(Jwes.encrypt(token, FakeProvider.foreignKey("of-auth0")), token))
                        .with(Map.of("tokenIntrospectionUrl", ""))
                        .isRefused(ReasonCode.TOKEN_UNBOUND),
                documentedIdToken(
                                "Entra ID v1",
                                entraV1,
                                token -> token.claim("ver", "1.0")
                                        .claim("tid", tenant)
                                        .claim("oid", "00000000-0000-0000-66f3-3332eca7ea81")
                                        .claim("upn", "login@company.example")
                                        .claim("unique_name", "login@company.example"))
                        .of("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"),
                documentedIdToken(
                                "Entra External ID",
                                external,
                                token -> token.claim("ver", "2.0")
                                        .claim("tid", tenant)
                                        .claim("oid", "00000000-0000-0000-66f3-3332eca7ea82")
                                        .claim("rh", "0.AXEA")
                                        .claim("uti", "example"))
                        .of("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaR"),
                documentedIdToken(
                        "Amazon Cognito",
                        cognito,
                        token -> token.claim("token_use", "id")
                                .claim("cognito:username", "login")
                                .claim("cognito:groups", List.of("users"))
                                .claim("origin_jti", "2e1e7f5e")
                                .claim("event_id", "7b8fe7dd")),
                documentedAccessToken(
                        "Amazon Cognito",
                        cognito,
                        token -> token.type("JWT")
                                .claim("token_use", "access")
                                .claim("username", "login")
                                .claim("origin_jti", "2e1e7f5e")
                                .without("aud")),
                documentedAccessToken(
                                "Amazon Cognito",
                                cognito,
                                token -> token.type("JWT")
                                        .claim("token_use", "access")
                                        .claim("scope", "aws.cognito.signin.user.admin")
                                        .without("aud"))
                        .titled("access token of a sign-in by the SDK, which opens no userinfo")
                        .where(person -> provider.userInfo().answersStatus(401))
                        .isRefused(ReasonCode.TOKEN_INACTIVE),
                documentedIdToken(
                        "PingOne",
                        ping,
                        token -> token.claim("acr", "Single_Factor")
                                .claim("amr", List.of("pwd"))
                                .claim("at_hash", "xyH-Ks1JvzHRQbZCjXYNMA")
                                .claim("env", tenant)
                                .claim("org", tenant)),
                documentedAccessToken(
                        "PingOne",
                        ping,
                        token -> token.type("JWT")
                                .audience("https://api.pingone.eu")
                                .claim("env", tenant)
                                .claim("org", tenant)),
                documentedIdToken(
                                "ForgeRock AM",
                                forgeRock,
                                token -> token.claim("subname", "login")
                                        .headerText(text -> text.replace("{", "{ "))
                                        .claim("tokenName", "id_token")
                                        .claim("tokenType", "JWTToken")
                                        .claim("realm", "/alpha")
                                        .claim("azp", provider.clientId())
                                        .claim("at_hash", "h9WqEXFGxCVsrYdkL1XMYw")
                                        .claim("c_hash", "h9WqEXFGxCVsrYdkL1XMYw"))
                        .of("(usr!login)"),
                documentedAccessToken(
                                "ForgeRock AM",
                                forgeRock,
                                token -> token.type("JWT")
                                        .claim("cts", "OAUTH2_STATELESS_GRANT")
                                        .claim("tokenName", "access_token")
                                        .claim("token_type", "Bearer")
                                        .claim("grant_type", "authorization_code")
                                        .claim("nonce", "123abc")
                                        .claim("scope", List.of("openid", "profile"))
                                        .audience(provider.clientId()))
                        .of("(usr!other)"),
                documentedIdToken(
                                "Zitadel",
                                "https://company.zitadel.cloud",
                                token -> token.audience(provider.clientId(), "another@project", "177073614158299139")
                                        .azp(provider.clientId())
                                        .claim("client_id", provider.clientId())
                                        .claim("at_hash", "pdl8r0rPDjU4dRNyWvwGHw"))
                        .of("163840776835432705"),
                documentedAccessToken(
                                "Zitadel",
                                "https://company.zitadel.cloud",
                                token -> token.type("JWT")
                                        .audience(provider.clientId(), "177073614158299139")
                                        .without("scope"))
                        .of("163840776835432706"),
                documentedIdToken(
                        "Authelia",
                        "https://auth.company.example",
                        token -> token.claim("aud", List.of(provider.clientId()))
                                .azp(provider.clientId())
                                .claim("client_id", provider.clientId())
                                .claim("amr", List.of("pwd", "kba"))
                                .claim("rat", inSeconds(-1).getEpochSecond())),
                introspected(
                        "Authelia",
                        "access token, which is opaque",
                        () -> Map.of("username", "login", "iat", inSeconds(0).getEpochSecond())),
                documentedIdToken(
                        "Cloud Foundry UAA",
                        "https://uaa.company.example/oauth/token",
                        token -> token.claim("aud", List.of(provider.clientId()))
                                .azp(provider.clientId())
                                .claim("client_id", provider.clientId())
                                .claim("cid", provider.clientId())
                                .claim("scope", List.of("openid"))
                                .claim("origin", "uaa")
                                .claim("zid", "uaa")
                                .claim("user_name", "login")),
                documentedAccessToken(
                        "Cloud Foundry UAA",
                        "https://uaa.company.example/oauth/token",
                        token -> token.type("JWT")
                                .audience("openid", provider.clientId())
                                .azp(provider.clientId())
                                .claim("cid", provider.clientId())
                                .claim("grant_type", "authorization_code")
                                .claim("scope", List.of("openid", "profile"))),
                documentedIdToken(
                                "AD FS",
                                adfs,
                                token -> token.claim("upn", "login@company.example")
                                        .claim("unique_name", "COMPANY\\login")
                                        .notBefore(inSeconds(0)))
                        .of("Mq0cPQ8iU4dPHqTOTTBU2D7DEnXlHfdGgFVcBzeHc5s="),
                documentedAccessToken(
                                "AD FS",
                                adfs,
                                token -> token.type("JWT")
                                        .issuer("http://adfs.company.example/adfs/services/trust")
                                        .audience("urn:microsoft:userinfo")
                                        .without("client_id")
                                        .claim("apptype", "Public")
                                        .claim("appid", provider.clientId())
                                        .claim("scp", "openid"))
                        .isRefused(ReasonCode.ISSUER_MISMATCH),
                documentedIdToken(
                        "FusionAuth",
                        "company.example",
                        token -> token.claim("scope", "openid email")
                                .claim("applicationId", provider.clientId())
                                .claim("authenticationType", "PASSWORD")
                                .claim("roles", List.of("user"))
                                .claim("tid", tenant)),
                documentedIdToken(
                        "Keycloak",
                        "https://login.partner.example/realms/partner",
                        token -> token.claim("typ", "ID")
                                .azp(provider.clientId())
                                .claim("at_hash", "pdl8r0rPDjU4dRNyWvwGHw")
                                .claim("sid", "3bb2a5a6")
                                .claim("acr", "1")),
                documentedAccessToken(
                        "Keycloak",
                        "https://login.partner.example/realms/partner",
                        token -> token.type("JWT")
                                .claim("typ", "Bearer")
                                .without("client_id")
                                .azp(provider.clientId())
                                .audience("account")
                                .claim("sid", "3bb2a5a6")));
    }

    static Stream<FieldReport> reports() {
        return Stream.of(clocks(), kinds(), subjects(), encrypted(), answers(), blanks(), keySets(), providers())
                .flatMap(stream -> stream);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("reports")
    void isAsReported(FieldReport report) {
        String alias = "backend" + BACKENDS.incrementAndGet();
        Conversions conversions = Conversions.add(realm, alias, provider, report.settings(), Map.of());
        report.bringAbout(provider);

        Optional<Answer> browser = byBrowser(report, alias);
        forgetKeys();

        assertThat(browser.isPresent()).isEqualTo(report.browser() == SIGNS_IN);
        String token = report.token();
        if (report.refusal().isPresent()) {
            conversions.refuses(token, report.refusal().get());
        } else {
            Answer conversion = conversions.accepts(token);
            browser.ifPresent(login -> assertThat(Conversions.user(conversion)).isEqualTo(Conversions.user(login)));
            assertThat(storedIds(conversion)).containsExactly(report.person().subject());
        }
        assertThat(keycloak.log().contains(token.strip())).isFalse();
        REPORTED.add(report);
    }

    /** Where Keycloak looks for a key by an algorithm alone and finds none, it makes one. */
    @ParameterizedTest
    @ValueSource(strings = {"RSA-OAEP-256", "RSA1_5"})
    void nobodyMakesTheRealmAKey(String algorithm) {
        JsonNode before = realm.admin().get(realm.name() + "/keys");
        Conversions conversions = Conversions.add(realm, "keys" + BACKENDS.incrementAndGet(), provider);

        conversions.refuses(
                Jwes.encryptNamingNoKey(
                        provider.issuedIdToken(Person.unknown()), realmKey, JWEAlgorithm.parse(algorithm)),
                ReasonCode.TOKEN_INACTIVE);

        assertThat(realm.admin().get(realm.name() + "/keys")).isEqualTo(before);
    }

    /** No row of the guide's table without a test. */
    @Test
    void guideNamesProvidersThatAreHere() throws IOException {
        List<String> guide = Files.readString(Path.of("docs", "providers.md"))
                .lines()
                .dropWhile(line -> !line.equals("### Which token of which provider"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> line.startsWith("| **"))
                .map(line -> line.substring(4, line.indexOf("**", 4)))
                .toList();

        assertThat(guide)
                .containsExactlyInAnyOrderElementsOf(
                        providers().map(FieldReport::source).collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static Optional<Answer> byBrowser(FieldReport report, String alias) {
        return report.browser() == DOES_NOT_APPLY
                ? Optional.empty()
                : BrowserLogin.withoutAnyPage(realm, alias, provider, report.person());
    }

    /** A browser login and a conversion share the provider's keys: each has to load them. */
    private static void forgetKeys() {
        realm.admin().post(realm.name() + "/clear-keys-cache", Map.of());
    }

    private static List<String> storedIds(Answer answer) {
        return realm.admin()
                .get(realm.name() + "/users/" + Conversions.user(answer) + "/federated-identity")
                .findValuesAsText("userId");
    }

    private static FieldReport idToken(
            String source, String what, FieldReport.Browser browser, UnaryOperator<JwtBuilder> claims) {
        return new FieldReport(source, what, browser, claims, provider::issuedIdToken);
    }

    private static FieldReport accessToken(String source, String what, UnaryOperator<JwtBuilder> claims) {
        return idToken(source, what, DOES_NOT_APPLY, UnaryOperator.identity())
                .converting(person -> provider.jwtAccessToken(person, claims));
    }

    private static FieldReport documentedIdToken(String who, String issuer, UnaryOperator<JwtBuilder> claims) {
        return idToken(who, "ID token", SIGNS_IN, token -> claims.apply(token.issuer(issuer)))
                .with(Map.of("issuer", issuer));
    }

    private static FieldReport documentedAccessToken(String who, String issuer, UnaryOperator<JwtBuilder> claims) {
        return accessToken(who, "access token", token -> claims.apply(token.issuer(issuer)))
                .with(Map.of("issuer", issuer));
    }

    /** @param changes made when the provider is asked to answer so: they may tell times */
    private static FieldReport introspected(String source, String what, Supplier<Map<String, Object>> changes) {
        Situation situation =
                person -> provider.introspection().answersJson(changed(introspectionAnswer(person), changes.get()));
        return idToken(source, what, DOES_NOT_APPLY, UnaryOperator.identity())
                .where(situation)
                .converting(person -> provider.accessToken(person).mint());
    }

    private static FieldReport keys(String what, FieldReport.Browser browser, @Nullable KeySet published) {
        FieldReport report = idToken("key sets", what, browser, UnaryOperator.identity());
        return published == null
                ? report
                : report.where(
                        person -> provider.keys().orElseThrow().answers(200, "application/json", published.text()));
    }

    @FunctionalInterface
    private interface KeySet {
        String text();
    }

    private static Map<String, Object> introspectionAnswer(Person person) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("active", true);
        answer.put("sub", person.subject());
        answer.put("client_id", provider.clientId());
        answer.put("token_type", "Bearer");
        answer.put("exp", inSeconds(300).getEpochSecond());
        return answer;
    }

    /** OpenID Connect Core, section 5.3.2. */
    private static JwtBuilder userInfo(Person person) {
        return new JwtBuilder(provider, person)
                .without("exp")
                .without("iat")
                .claims(person.claims())
                .audience(provider.clientId());
    }

    private static void userInfoIs(String jwt) {
        provider.userInfo().answers(200, "application/jwt", jwt);
    }

    /** RFC 9701, section 5. */
    private static JwtBuilder introspection(Person person) {
        return new JwtBuilder(provider, person)
                .type("token-introspection+jwt")
                .without("sub")
                .without("exp")
                .audience(provider.clientId())
                .claim("token_introspection", introspectionAnswer(person));
    }

    private static void introspectionIs(String jwt) {
        provider.introspection().answers(200, "application/token-introspection+jwt", jwt);
    }

    private static Instant inSeconds(int seconds) {
        return Instant.now().plus(Duration.ofSeconds(seconds));
    }

    @SafeVarargs
    private static String keySet(Map<String, Object>... keys) {
        return Json.write(Map.of("keys", List.of(keys)));
    }

    private static Map<String, Object> key() {
        return jwk(provider.key());
    }

    private static Map<String, Object> jwk(RSAKey key) {
        return key.toPublicJWK().toJSONObject();
    }

    private static Map<String, Object> x5cAlone() {
        return Map.of("kty", "RSA", "kid", "by-certificate", "use", "sig", "x5c", List.of("MIIC"));
    }

    private static Map<String, Object> unknownKind() {
        return Map.of("kty", "AKP", "alg", "ML-DSA-44", "kid", "of-tomorrow", "use", "sig", "pub", "AA");
    }

    private static Map<String, Object> filler(int length) {
        return changed(
                unknownKind(),
                Map.of(
                        "x5c",
                        IntStream.range(0, length / 1000)
                                .mapToObj(i -> "M".repeat(997))
                                .toList()));
    }

    private static Map<String, Object> without(Map<String, Object> members, String member) {
        Map<String, Object> rest = new HashMap<>(members);
        rest.remove(member);
        return rest;
    }

    private static Map<String, Object> changed(Map<String, Object> members, Map<String, Object> changes) {
        Map<String, Object> all = new LinkedHashMap<>(members);
        all.putAll(changes);
        return all;
    }
}
