// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A forged token that is merely broken would be refused for the wrong reason: each is what it claims to be. */
final class FakeProviderTest {

    private static final Person BOB = Person.named("bob");

    private static final FakeProvider provider = FakeProvider.start();

    @BeforeEach
    void behaveWell() {
        provider.reset();
    }

    @AfterAll
    static void close() {
        provider.close();
    }

    @Test
    void idTokenIsGenuineUntilToldOtherwise() {
        String token = provider.idToken(BOB).mint();

        assertThat(Jwts.claims(token).path("iss").asText()).isEqualTo(provider.issuer());
        assertThat(Jwts.claims(token).path("aud").asText()).isEqualTo(FakeProvider.CLIENT_ID);
        assertThat(Jwts.claims(token).path("sub").asText()).isEqualTo(BOB.subject());
        assertThat(Jwts.claims(token).path("email").asText()).isEqualTo(BOB.email());
        assertThat(Jwts.claims(token).path("exp").asLong())
                .isGreaterThan(Instant.now().getEpochSecond());
    }

    @Test
    void otherKeysAndAlgorithmsSignTruly() throws Exception {
        assertThat(verifies(
                        provider.idToken(BOB).signedBy(provider.ecKey()).mint(), new ECDSAVerifier(provider.ecKey())))
                .isTrue();
        assertThat(verifies(
                        provider.idToken(BOB).algorithm(JWSAlgorithm.PS256).mint(), new RSASSAVerifier(provider.key())))
                .isTrue();
    }

    @Test
    void foreignKeyHidesUnderTheKnownId() throws Exception {
        RSAKey foreign = FakeProvider.foreignKey(provider.key().getKeyID());

        String token = provider.idToken(BOB).signedBy(foreign).mint();

        assertThat(Jwts.header(token).path("kid").asText())
                .isEqualTo(provider.key().getKeyID());
        assertThat(verifies(token, new RSASSAVerifier(foreign))).isTrue();
        assertThat(verifies(token, new RSASSAVerifier(provider.key()))).isFalse();
    }

    @Test
    void keyOfferedInTheHeaderVerifiesItsToken() throws Exception {
        String token = provider.idToken(BOB)
                .offersItsOwnKey(FakeProvider.foreignKey("forged"))
                .mint();

        RSAKey offered = RSAKey.parse(Jwts.header(token).path("jwk").toString());
        assertThat(offered.isPrivate()).isFalse();
        assertThat(verifies(token, new RSASSAVerifier(offered))).isTrue();
    }

    @Test
    void hmacIsOfThePublicKey() throws Exception {
        byte[] pem = provider.publicKeyPem().getBytes(StandardCharsets.US_ASCII);

        assertThat(verifies(provider.idToken(BOB).hmacOfPublicKeyPem().mint(), new MACVerifier(pem)))
                .isTrue();
        assertThat(verifies(
                        provider.idToken(BOB).hmacOfPublicKeyDer().mint(), new MACVerifier(provider.publicKeyDer())))
                .isTrue();
    }

    @Test
    void unsignedTokenHasAnEmptySignature() {
        String token = provider.idToken(BOB).unsigned().mint();

        assertThat(Jwts.header(token).path("alg").asText()).isEqualTo("none");
        assertThat(token).endsWith(".");
    }

    @Test
    void changedPayloadAndCutSignatureNoLongerVerify() throws Exception {
        String token = provider.idToken(BOB).mint();
        String changed = Jwts.withClaim(token, "sub", "somebody-else");

        assertThat(Jwts.claims(changed).path("sub").asText()).isEqualTo("somebody-else");
        assertThat(verifies(changed, new RSASSAVerifier(provider.key()))).isFalse();
        assertThat(verifies(Jwts.withCutSignature(token), new RSASSAVerifier(provider.key())))
                .isFalse();
    }

    @Test
    void providersTokensVerifyWithItsPublishedKeys() throws Exception {
        String token = provider.idToken(BOB).mint();

        JWKSet keys = JWKSet.parse(Call.to(provider.jwks().uri()).get().text());

        SignedJWT jwt = SignedJWT.parse(token);
        assertThat(jwt.verify(new RSASSAVerifier(
                        keys.getKeyByKeyId(jwt.getHeader().getKeyID()).toRSAKey())))
                .isTrue();
        assertThat(keys.getKeys()).hasSize(2).noneMatch(key -> key.isPrivate());
        assertThat(provider.jwks().requestCount()).isEqualTo(1);
    }

    @Test
    void rotationRetiresTheFormerKey() throws Exception {
        String former = provider.rotate().getKeyID();

        JWKSet keys = JWKSet.parse(Call.to(provider.jwks().uri()).get().text());

        assertThat(keys.getKeyByKeyId(former)).isNull();
        assertThat(Jwts.header(provider.idToken(BOB).mint()).path("kid").asText())
                .isEqualTo(provider.key().getKeyID());
    }

    @Test
    void introspectionAndUserInfoKnowWhatWasMinted() {
        String token = provider.opaqueToken(BOB).issuedTo("someone").mint();

        assertThat(introspect(token).json().path("client_id").asText()).isEqualTo("someone");
        assertThat(introspect(provider.accessToken(BOB).mint())
                        .json()
                        .path("active")
                        .asBoolean())
                .isTrue();
        assertThat(introspect(provider.opaqueToken(BOB).inactive().mint()).text())
                .isEqualTo("{\"active\":false}");
        assertThat(introspect(provider.unknownOpaqueToken()).text()).isEqualTo("{\"active\":false}");
        assertThat(Call.to(provider.introspection().uri())
                        .param("token", token)
                        .post()
                        .status())
                .isEqualTo(401);
        assertThat(Call.to(provider.userInfo().uri())
                        .bearer(token)
                        .get()
                        .json()
                        .path("email")
                        .asText())
                .isEqualTo(BOB.email());
        provider.revoke(token);
        assertThat(Call.to(provider.userInfo().uri()).bearer(token).get().status())
                .isEqualTo(401);
        assertThat(provider.introspection().requests())
                .hasSize(5)
                .first()
                .satisfies(request -> assertThat(request.form()).containsEntry("token", token));
    }

    @Test
    void providerMisbehavesOnlyWhileToldTo() {
        ProviderEndpoint userInfo = provider.userInfo();
        userInfo.answersStatus(429, Map.of("Retry-After", "7"));
        assertThat(Call.to(userInfo.uri()).get().header("Retry-After")).hasValue("7");

        userInfo.hangsUp();
        assertThat(catchThrowable(() -> Call.to(userInfo.uri()).get())).isInstanceOf(UncheckedIOException.class);

        userInfo.answersHugeBody(1_000_000);
        assertThat(Call.to(userInfo.uri()).get().text()).hasSizeGreaterThan(1_000_000);

        userInfo.holds(Duration.ofMillis(200));
        assertThat(Call.to(userInfo.uri()).get().status()).isEqualTo(401);

        userInfo.drips(Duration.ofMillis(300));
        assertThat(Call.to(userInfo.uri()).get().text()).isBlank();

        provider.reset();
        assertThat(userInfo.requestCount()).isZero();
        assertThat(Call.to(userInfo.uri()).get().status()).isEqualTo(401);
    }

    private static boolean verifies(String token, JWSVerifier verifier) throws ParseException, JOSEException {
        return SignedJWT.parse(token).verify(verifier);
    }

    private static Answer introspect(String token) {
        return Call.to(provider.introspection().uri())
                .basic(FakeProvider.CLIENT_ID, FakeProvider.CLIENT_SECRET)
                .param("token", token)
                .post();
    }
}
