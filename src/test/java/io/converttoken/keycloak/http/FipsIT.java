// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Ed25519Key;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Jwes;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ReverseProxy;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keycloak in FIPS mode, where all cryptography is that of Bouncy Castle's FIPS provider, behind a proxy that says by the
 * header of RFC 7239 for whom it calls.
 */
@EnabledIfSystemProperty(
        named = "matrix",
        matches = "true",
        disabledReason = "a build and a server of its own: by .ci/matrix")
@ExtendWith(KeycloakExtension.class)
class FipsIT {

    private static final String HOST = "login.example.test";

    @AutoClose
    private static ReverseProxy proxy;

    @AutoClose
    private static KeycloakServer server;

    private static TestRealm realm;
    private static FakeProvider provider;
    private static SocialHosts hosts;

    @BeforeAll
    static void start(SocialHosts socialHosts, FakeProvider fakeProvider) {
        assumeTrue(KeycloakServer.isDistribution(), "the provider's JARs are put into the distribution");
        hosts = socialHosts;
        provider = fakeProvider;
        proxy = ReverseProxy.start(Set.of(HOST), FipsIT::forwarded);
        server = KeycloakServer.startFips(
                hosts,
                List.of(
                        "--hostname=" + HOST,
                        "--proxy-headers=forwarded",
                        "--proxy-trusted-addresses=" + ReverseProxy.ADDRESS),
                "keycloak-it-fips.log");
        proxy.leadTo(server.base());
        realm = TestRealm.createIn(server).through(server.behind(proxy.address("/any")));
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*", "singleUse", "true"));
    }

    private static Map<String, String> forwarded(ReverseProxy.Caller caller) {
        String address = caller.address().indexOf(':') < 0 ? caller.address() : "\"[" + caller.address() + "]:4711\"";
        return Map.of("Forwarded", "for=" + address + ";proto=https;host=" + HOST);
    }

    private static Call conversion(String backend, String token) {
        return realm.conversion(backend, token);
    }

    @Test
    void serverIsInFipsMode() {
        assertThat(server.admin().serverInfo().at("/cryptoInfo/cryptoProvider").asText())
                .contains("FIPS");
    }

    static Stream<Arguments> tokens() {
        return Stream.of(
                signed("RS256", () -> provider.idToken(Person.unknown()).mint()),
                signed(
                        "ES256",
                        () -> provider.idToken(Person.unknown())
                                .signedBy(provider.ecKey())
                                .mint()),
                signed(
                        "RSA-OAEP",
                        () -> Jwes.encrypt(provider.idToken(Person.unknown()).mint(), realmKey())),
                signed("opaque", () -> provider.opaqueToken(Person.unknown()).mint()));
    }

    private static Arguments signed(String algorithm, Supplier<String> token) {
        return Arguments.of(algorithm, token);
    }

    private static RSAKey realmKey() {
        return Jwes.encryptionKey(realm);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokens")
    void tokensConvert(String algorithm, Supplier<String> source) {
        String token = source.get();
        conversion("social", token).post().expect(200);
        assertThat(conversion("social", token).post().expect(400).error()).isEqualTo("invalid_grant");
    }

    @Test
    void edwardsCurveConverts() {
        Ed25519Key key = Ed25519Key.generate("edwards");
        assertConverts(
                "edwards",
                key.published("EdDSA"),
                other -> other.idToken(Person.unknown()).signedBy(key, "EdDSA"));
    }

    @Test
    void probabilisticSignatureConverts() {
        RSAKey key = new RSAKey.Builder(FakeProvider.foreignKey("probabilistic"))
                .algorithm(JWSAlgorithm.PS256)
                .build();
        assertConverts(
                "probabilistic",
                key.toPublicJWK().toJSONObject(),
                other -> other.idToken(Person.unknown()).signedBy(key).algorithm(JWSAlgorithm.PS256));
    }

    /** Of a provider that has this key alone. */
    private static void assertConverts(
            String alias, Map<String, Object> key, Function<FakeProvider, JwtBuilder> token) {
        try (FakeProvider other = FakeProvider.start()) {
            other.jwks().answersJson(Map.of("keys", List.of(key)));
            realm.addOidcProvider(alias, other).addConvertTokenMapper(alias, Map.of("allowedClients", "*"));
            conversion(alias, token.apply(other).mint()).post().expect(200);
        }
    }

    @Test
    void forgedTokenIsRefused() {
        String forged = provider.idToken(Person.unknown())
                .signedBy(FakeProvider.foreignKey(provider.key().getKeyID()))
                .mint();
        assertThat(conversion("social", forged).post().expect(400).error()).isEqualTo("invalid_grant");
    }

    /** A keyed hash of ours, and TLS to the provider. */
    @Test
    void tokenOfFacebookConverts() {
        Facebook facebook = hosts.get(Facebook.class);
        realm.addSocialProvider("facebook", facebook, Map.of())
                .addConvertTokenMapper("facebook", Map.of("allowedClients", "*"));
        conversion("facebook", facebook.accessToken(facebook.newcomer()).mint())
                .post()
                .expect(200);
    }

    @Test
    void refreshTokensEnd() {
        Answer converted = conversion(
                        "social", provider.idToken(Person.unknown()).mint())
                .post()
                .expect(200);
        Answer refreshed =
                realm.refresh(TestRealm.APP, converted.refreshToken()).expect(200);
        realm.call("/auth/invalidate-refresh-tokens")
                .bearer(converted.accessToken())
                .param("client_id", TestRealm.APP.clientId())
                .post()
                .expect(204);
        assertThat(realm.refresh(TestRealm.APP, refreshed.refreshToken())
                        .expect(400)
                        .error())
                .isEqualTo("invalid_grant");
    }

    // the proxy's header

    @Test
    void addressesAreThoseThatTheProxyForwards() {
        String front = "https://" + HOST;
        assertThat(realm.call("/auth/openapi.json")
                        .get()
                        .expect(200)
                        .json()
                        .at("/servers/0/url")
                        .asText())
                .isEqualTo(front);
        assertThat(realm.call("/auth/authorize?client_id=app").get().expect(302).header("Location"))
                .hasValue(front + "/realms/" + realm.name() + "/protocol/openid-connect/auth?client_id=app");
        Answer converted = conversion(
                        "social", provider.idToken(Person.unknown()).mint())
                .header(ReverseProxy.CALLER, "2001:db8::12")
                .post()
                .expect(200);
        assertThat(converted.accessTokenClaims().path("iss").asText()).isEqualTo(front + "/realms/" + realm.name());
        assertThat(realm.event("LOGIN").ipAddress()).contains("2001:db8");
    }

    /** All of a subscriber's addresses are one, whatever port or brackets the header has. */
    @Test
    void limitGoesByTheSubscriberThatIsForwarded() {
        long refusedAtOnce = Stream.iterate(1, i -> i + 1)
                .limit(200)
                .map(i -> conversion("social", "two words")
                        .header(ReverseProxy.CALLER, "2001:db8:1:1::" + Integer.toHexString(i))
                        .post())
                .takeWhile(answer -> answer.status() == 400)
                .count();
        assertThat(refusedAtOnce).isLessThan(150);
        conversion("social", provider.idToken(Person.unknown()).mint())
                .header(ReverseProxy.CALLER, "2001:db8:1:2::1")
                .post()
                .expect(200);
    }
}
