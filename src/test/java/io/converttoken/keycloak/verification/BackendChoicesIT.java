// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the mapper's switches do: accepted tokens, nonce, age, single use, unbound tokens. */
@ExtendWith(KeycloakExtension.class)
class BackendChoicesIT {

    private static TestRealm realm;
    private static FakeProvider provider;
    private static KeycloakServer keycloak;
    private static AdminApi admin;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, KeycloakServer server, AdminApi adminApi) {
        realm = testRealm;
        provider = fakeProvider;
        keycloak = server;
        admin = adminApi;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*"))
                .addOAuth2Provider("unbound", provider, Map.of("tokenIntrospectionUrl", ""))
                .addConvertTokenMapper("unbound", Map.of("allowedClients", "*", "acceptUnboundTokens", "true"));
    }

    @Test
    void onlyIdTokensWhereOnlyTheyAreAccepted() {
        choose(Map.of("acceptedTokens", "id_token"));

        assertThat(convert(idToken()).status()).isEqualTo(200);
        assertRefused(convert(provider.accessToken(Person.unknown()).mint()), ReasonCode.TOKEN_KIND_NOT_ACCEPTED);
        assertRefused(convert(provider.opaqueToken(Person.unknown()).mint()), ReasonCode.TOKEN_KIND_NOT_ACCEPTED);
    }

    @Test
    void onlyAccessTokensWhereOnlyTheyAreAccepted() {
        choose(Map.of("acceptedTokens", "access_token"));

        assertRefused(convert(idToken()), ReasonCode.TOKEN_KIND_NOT_ACCEPTED);
        assertThat(convert(provider.accessToken(Person.unknown()).mint()).status())
                .isEqualTo(200);
        assertThat(convert(provider.opaqueToken(Person.unknown()).mint()).status())
                .isEqualTo(200);
    }

    @Test
    void tokenMustBeOfTheDeclaredType() {
        choose(Map.of());

        assertThat(convert(idToken(), Map.of("token_type", "id_token")).status())
                .isEqualTo(200);
        assertRefused(convert(idToken(), Map.of("token_type", "access_token")), ReasonCode.TOKEN_KIND_MISMATCH);
        assertRefused(
                convert(provider.opaqueToken(Person.unknown()).mint(), Map.of("token_type", "id_token")),
                ReasonCode.TOKEN_KIND_MISMATCH);
        assertThat(convert(idToken(), Map.of("token_type", "saml")).expect(400).error())
                .isEqualTo("invalid_request");
    }

    @Test
    void nonceIsRequiredWhereTheBackendSaysSo() {
        choose(Map.of("requireNonce", "true"));
        String token = provider.idToken(Person.unknown()).nonce("n-0S6_WzA2Mj").mint();

        assertThat(convert(token, Map.of("nonce", "n-0S6_WzA2Mj")).status()).isEqualTo(200);
        assertRefused(convert(token), ReasonCode.NONCE_MISSING);
        assertRefused(convert(token, Map.of("nonce", "another")), ReasonCode.NONCE_MISMATCH);
        assertRefused(convert(idToken(), Map.of("nonce", "n-0S6_WzA2Mj")), ReasonCode.NONCE_MISSING);
        assertRefused(convert(provider.opaqueToken(Person.unknown()).mint()), ReasonCode.NONCE_MISSING);
    }

    @Test
    void nonceThatIsSentIsCheckedEvenWhereItIsNotRequired() {
        choose(Map.of());
        String plain = provider.idToken(Person.unknown()).nonce("raw").mint();
        String hashed = provider.idToken(Person.unknown()).nonce(sha256("raw")).mint();

        assertThat(convert(plain).status()).isEqualTo(200);
        assertThat(convert(plain, Map.of("nonce", "raw")).status()).isEqualTo(200);
        assertThat(convert(hashed, Map.of("nonce", "raw")).status()).isEqualTo(200);
        assertRefused(convert(plain, Map.of("nonce", "wrong")), ReasonCode.NONCE_MISMATCH);
        assertRefused(
                convert(hashed, Map.of("nonce", sha256("raw").toUpperCase(java.util.Locale.ROOT))),
                ReasonCode.NONCE_MISMATCH);
    }

    @Test
    void hashThatStandsInAStolenTokenIsNoNonce() {
        choose(Map.of("requireNonce", "true"));
        String stolen = provider.idToken(Person.unknown()).nonce(sha256("raw")).mint();

        assertRefused(convert(stolen, Map.of("nonce", sha256("raw"))), ReasonCode.NONCE_MISMATCH);
        assertThat(convert(stolen, Map.of("nonce", "raw")).status()).isEqualTo(200);
    }

    @Test
    void tokenConvertsOnceWhereItIsForSingleUse() {
        choose(Map.of("singleUse", "true"));
        String idToken = idToken();
        String elliptic =
                provider.idToken(Person.unknown()).signedBy(provider.ecKey()).mint();
        String opaque = provider.opaqueToken(Person.unknown())
                .introspects("exp", Instant.now().plusSeconds(300).getEpochSecond())
                .mint();
        String endless =
                provider.opaqueToken(Person.unknown()).introspectsNo("exp").mint();

        for (String token : new String[] {idToken, elliptic, opaque}) {
            assertThat(convert(token).status()).isEqualTo(200);
            assertRefused(convert(token), ReasonCode.TOKEN_ALREADY_USED);
        }
        assertRefused(convert(otherSignatureOfTheSame(elliptic)), ReasonCode.TOKEN_ALREADY_USED);
        assertRefused(convert(endless), ReasonCode.EXPIRY_MISSING);
    }

    @Test
    void refusedConversionDoesNotUseTheTokenUp() {
        choose(Map.of("singleUse", "true"));
        String token = idToken();

        assertThat(convert(token, Map.of("scope", "no-such-scope")).error()).isEqualTo("invalid_scope");

        assertThat(convert(token).status()).isEqualTo(200);
    }

    @Test
    void tokenThatWasUsedWritesNothing() {
        choose(Map.of("singleUse", "true"));
        realm.updateIdentityProvider("social", Map.of("syncMode", "FORCE"));
        Person person = Person.unknown();
        String old = provider.idToken(person).mint();
        String fresh = provider.idToken(person.withNames("Renamed", "Person")).mint();
        assertThat(convert(old).status()).isEqualTo(200);
        assertThat(convert(fresh).status()).isEqualTo(200);

        assertRefused(convert(old), ReasonCode.TOKEN_ALREADY_USED);

        assertThat(admin.user(realm.name(), person.username()).path("firstName").asText())
                .isEqualTo("Renamed");
        admin.deleteUser(realm.name(), person.username());
        assertRefused(convert(old), ReasonCode.TOKEN_ALREADY_USED);
        assertThat(admin.findUser(realm.name(), person.username())).isEmpty();
        realm.updateIdentityProvider("social", Map.of("syncMode", "IMPORT"));
    }

    @Test
    void tokenThatCanNotBeRememberedWritesNothing() {
        choose(Map.of("singleUse", "true"));
        int users = realm.userCount();

        assertRefused(
                convert(provider.opaqueToken(Person.unknown())
                        .introspectsNo("exp")
                        .mint()),
                ReasonCode.EXPIRY_MISSING);

        assertThat(realm.userCount()).isEqualTo(users);
    }

    @Test
    void personWhoWasSentToTheBrowserMayComeAgainWithTheToken() {
        choose(Map.of("singleUse", "true"));
        Person person = Person.unknown();
        assertThat(convert(provider.idToken(person).mint()).status()).isEqualTo(200);
        admin.updateUser(
                realm.name(), person.username(), Map.of("requiredActions", java.util.List.of("UPDATE_PASSWORD")));
        String token = provider.idToken(person).nonce("again").mint();
        assertThat(convert(token).error()).isEqualTo("interaction_required");

        admin.updateUser(realm.name(), person.username(), Map.of("requiredActions", java.util.List.of()));

        assertThat(convert(token).status()).isEqualTo(200);
        assertRefused(convert(token), ReasonCode.TOKEN_ALREADY_USED);
    }

    @Test
    void manyUsesAtOnceAreOneUse() throws Exception {
        choose(Map.of("singleUse", "true"));
        String token = idToken();
        java.util.concurrent.ExecutorService threads = java.util.concurrent.Executors.newFixedThreadPool(8);
        try {
            java.util.concurrent.Callable<Answer> conversion = () -> convert(token);
            int successes = 0;
            for (var answer : threads.invokeAll(java.util.Collections.nCopies(8, conversion))) {
                successes += answer.get().status() == 200 ? 1 : 0;
            }
            assertThat(successes).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void oldIdTokensAreRefusedWhereTheirAgeIsLimited() {
        choose(Map.of("maxTokenAge", "60"));

        assertThat(convert(issuedBefore(30)).status()).isEqualTo(200);
        assertRefused(convert(issuedBefore(62)), ReasonCode.TOKEN_TOO_OLD);
    }

    /** What marks an access token at some providers stands in ID tokens of others: no setting is passed by it. */
    @Test
    void idTokenThatCarriesClientOrScopeIsAnIdToken() {
        String withScope = idTokenOfOldWith(Map.of("nonce", "n", "at_hash", "h", "scope", "openid profile"));
        String withClient = idTokenOfOldWith(Map.of("nonce", "n", "client_id", FakeProvider.CLIENT_ID));

        for (String token : new String[] {withScope, withClient}) {
            choose(Map.of("maxTokenAge", "60"));
            assertRefused(convert(token), ReasonCode.TOKEN_TOO_OLD);
            choose(Map.of("acceptedTokens", "access_token"));
            assertRefused(convert(token), ReasonCode.TOKEN_KIND_NOT_ACCEPTED);
            choose(Map.of("acceptedTokens", "id_token"));
            assertThat(convert(token).status()).isEqualTo(200);
            choose(Map.of());
            assertRefused(convert(token, Map.of("token_type", "access_token")), ReasonCode.TOKEN_KIND_MISMATCH);
            assertThat(convert(token, Map.of("token_type", "id_token")).status())
                    .isEqualTo(200);
        }
    }

    /** A token that may be of either kind meets the rules of both, whatever the caller says that it is. */
    @Test
    void ambiguousTokenMeetsTheRulesOfBothKinds() {
        for (Map<String, Object> marks : List.<Map<String, Object>>of(
                Map.of("client_id", FakeProvider.CLIENT_ID),
                Map.of("cid", FakeProvider.CLIENT_ID),
                Map.of("scope", "openid email"),
                Map.of("scp", List.of("openid", "email")))) {
            String token = idTokenOfOldWith(marks);
            for (String declared : List.of("", "id_token", "access_token")) {
                Map<String, String> type = declared.isEmpty() ? Map.of() : Map.of("token_type", declared);
                choose(Map.of("maxTokenAge", "60"));
                assertRefused(convert(token, type), ReasonCode.TOKEN_TOO_OLD);
                choose(Map.of("acceptedTokens", "access_token"));
                assertRefused(convert(token, type), ReasonCode.TOKEN_KIND_NOT_ACCEPTED);
                choose(Map.of("acceptedTokens", "id_token"));
                assertRefused(convert(token, type), ReasonCode.TOKEN_KIND_NOT_ACCEPTED);
            }
            choose(Map.of());
            assertThat(convert(token).status()).isEqualTo(200);
            assertThat(convert(token, Map.of("token_type", "id_token")).status())
                    .isEqualTo(200);
            assertRefused(convert(token, Map.of("token_type", "access_token")), ReasonCode.TOKEN_INACTIVE);
        }
    }

    /** The store of used tokens counts in milliseconds: in those, times that a token can name overflow. */
    @ParameterizedTest
    @ValueSource(
            longs = {4_102_444_800L, 253_402_300_800L, 9_223_372_036_854_775L, 9_223_372_036_854_776L, Long.MAX_VALUE})
    void tokenThatNeverExpiresConvertsOnceToo(long expiry) {
        choose(Map.of("singleUse", "true"));
        String idToken = provider.idToken(Person.unknown()).claim("exp", expiry).mint();
        String opaque = provider.opaqueToken(Person.unknown())
                .introspects("exp", expiry)
                .mint();

        for (String token : new String[] {idToken, opaque}) {
            assertThat(convert(token).status()).isEqualTo(200);
            assertRefused(convert(token), ReasonCode.TOKEN_ALREADY_USED);
            assertRefused(convert(token), ReasonCode.TOKEN_ALREADY_USED);
        }
    }

    @Test
    void mapperThatMakesNoSenseConvertsNothing() {
        for (Map<String, String> nonsense : java.util.List.of(
                Map.of("maxTokenAge", "-1"),
                Map.of("maxTokenAge", "soon"),
                Map.of("maxTokenAge", "9999999999"),
                Map.of("acceptedTokens", "everything"),
                Map.of("requireNonce", "yes"))) {
            realm.importConvertTokenMapper("social", chosen(nonsense));

            assertThat(convert(idToken()).expect(400).error()).isEqualTo("invalid_request");
        }
    }

    @Test
    void unboundTokensConvertOnlyWhereTheAdminSaysSo() {
        String token = provider.opaqueToken(Person.unknown())
                .issuedTo(FakeProvider.ANOTHER_CLIENT_ID)
                .mint();

        assertThat(convertAt("unbound", token, Map.of()).status()).isEqualTo(200);
        assertThat(keycloak.log()).contains("Backend 'unbound' of realm '" + realm.name() + "' accepts unbound tokens");
    }

    private static String idToken() {
        return provider.idToken(Person.unknown()).mint();
    }

    private static String issuedBefore(long seconds) {
        return provider.idToken(Person.unknown())
                .issuedAt(Instant.now().minusSeconds(seconds))
                .mint();
    }

    private static String idTokenOfOldWith(Map<String, Object> claims) {
        return provider.idToken(Person.unknown())
                .issuedAt(Instant.now().minusSeconds(62))
                .claims(claims)
                .mint();
    }

    private static void choose(Map<String, String> choices) {
        realm.replaceConvertTokenMapper("social", chosen(choices));
    }

    private static Map<String, String> chosen(Map<String, String> choices) {
        Map<String, String> config = new LinkedHashMap<>(Map.of("allowedClients", "*"));
        config.putAll(choices);
        return config;
    }

    private static Answer convert(String token) {
        return convert(token, Map.of());
    }

    private static Answer convert(String token, Map<String, String> more) {
        return convertAt("social", token, more);
    }

    private static Answer convertAt(String backend, String token, Map<String, String> more) {
        realm.clearEvents();
        return realm.conversion(backend, token).params(more).post();
    }

    private static void assertRefused(Answer answer, ReasonCode refusal) {
        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo(refusal.code());
    }

    /** ECDSA: with (r, s), (r, n - s) is a signature of the same text too. */
    private static String otherSignatureOfTheSame(String jwt) {
        java.math.BigInteger order =
                com.nimbusds.jose.jwk.Curve.P_256.toECParameterSpec().getOrder();
        String[] parts = jwt.split("\\.", -1);
        byte[] signature = java.util.Base64.getUrlDecoder().decode(parts[2]);
        java.math.BigInteger s = new java.math.BigInteger(1, java.util.Arrays.copyOfRange(signature, 32, 64));
        byte[] other = order.subtract(s).toByteArray();
        byte[] changed = java.util.Arrays.copyOf(signature, 64);
        java.util.Arrays.fill(changed, 32, 64, (byte) 0);
        int length = Math.min(32, other.length);
        System.arraycopy(other, other.length - length, changed, 64 - length, length);
        String text = java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
        return Optional.of(parts[0] + "." + parts[1] + "." + text)
                .filter(token -> !token.equals(jwt))
                .orElseThrow();
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
