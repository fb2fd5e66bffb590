// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.ClientPolicy;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.net.URI;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for a client at any other grant holds for a conversion: policies, DPoP, consent, token settings. */
@ExtendWith(KeycloakExtension.class)
class ClientRulesIT {

    private static final List<Map<String, ?>> TOKEN_EXCHANGES = List.of(Map.of(
            "condition",
            "grant-type",
            "configuration",
            Map.of("grant_types", List.of("urn:ietf:params:oauth:grant-type:token-exchange"))));

    private static TestRealm realm;
    private static FakeProvider provider;
    private static AdminApi admin;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi) {
        realm = testRealm;
        provider = fakeProvider;
        admin = adminApi;
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    @AfterEach
    void noPolicies() {
        ClientPolicy.applyNone(realm);
        admin.put(realm.name() + "/client-policies/profiles", Map.of("profiles", List.of()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void clientPolicyThatRejectsTokenExchangesRejectsConversions(boolean asTokenExchange) {
        enforce("reject-request", Map.of());

        Answer answer = asTokenExchange ? exchange(idToken()) : convert(realm.convertTokenEndpoint(), idToken());

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription()).isEqualTo("Request not allowed");
    }

    @Test
    void clientPolicySeesTheExternalTokenInBothDialects() {
        enforce("jwt-claim-enforcer", Map.of("claim-name", "department", "allowed-value", "engineering"));
        String sales = accessToken("sales");
        String engineering = accessToken("engineering");

        for (String token : new String[] {sales, engineering}) {
            int expected = token.equals(engineering) ? 200 : 400;
            assertThat(convert(realm.convertTokenEndpoint().param("token_type", "access_token"), token)
                            .status())
                    .isEqualTo(expected);
            assertThat(exchange(token).status()).isEqualTo(expected);
        }
    }

    @Test
    void nothingIsSmuggledPastTheClientPolicies() {
        enforce("jwt-claim-enforcer", Map.of("claim-name", "email"));

        Answer answer = convert(
                realm.convertTokenEndpoint()
                        .param("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
                        .param("subject_token", accessToken("engineering")),
                idToken());

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    @Test
    void scopesThatAClientPolicyTakesAwayAreNotGranted() {
        enforce("downscope-assertion-grant-enforcer", Map.of());
        String token =
                provider.accessToken(Person.unknown()).claim("scope", "email").mint();

        Answer answer = convert(realm.convertTokenEndpoint().param("token_type", "access_token"), token);

        assertThat(answer.expect(200).json().path("scope").asText().split(" "))
                .contains("email")
                .doesNotContain("profile");
        assertThat(answer.json().path("user").has("first_name")).isFalse();
    }

    @Test
    void tokensAreBoundToTheProofOfPossession() throws JOSEException {
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        URI endpoint = realm.uri("/auth/convert-token");

        Answer answer = convert(Call.to(endpoint).header("DPoP", proof(key, endpoint)), idToken());

        assertThat(answer.expect(200).json().path("token_type").asText()).isEqualTo("DPoP");
        assertThat(answer.accessTokenClaims().path("cnf").path("jkt").asText())
                .isEqualTo(key.computeThumbprint().toString());
        assertThat(realm.userInfo(answer.accessToken()).status()).isEqualTo(401);
    }

    @Test
    void clientThatNeedsProofOfPossessionConvertsOnlyWithIt() throws JOSEException {
        TestClient bound = realm.addPublicClient(
                "bound-" + UUID.randomUUID(), Map.of("attributes", Map.of("dpop.bound.access.tokens", "true")));
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        URI endpoint = realm.uri("/auth/convert-token");

        Answer without = convert(bound, Call.to(endpoint), idToken());
        Answer elsewhere = convert(
                bound, Call.to(endpoint).header("DPoP", proof(key, URI.create("http://evil.example/"))), idToken());
        Answer with = convert(bound, Call.to(endpoint).header("DPoP", proof(key, endpoint)), idToken());

        assertThat(without.expect(400).error()).isEqualTo("invalid_request");
        assertThat(elsewhere.expect(400).error()).isEqualTo("invalid_request");
        assertThat(with.expect(200).refreshTokenClaims().path("cnf").path("jkt").asText())
                .isEqualTo(key.computeThumbprint().toString());
    }

    @Test
    void clientWithoutRefreshTokensGetsNone() {
        TestClient client =
                realm.addConfidentialClient("no-refresh", Map.of("attributes", Map.of("use.refresh.tokens", "false")));

        Answer answer = convert(client, realm.convertTokenEndpoint(), idToken());

        assertThat(answer.expect(200).json().has("refresh_token")).isFalse();
    }

    @Test
    void lifespanOfTheClientHolds() {
        TestClient client =
                realm.addConfidentialClient("short-lived", Map.of("attributes", Map.of("access.token.lifespan", "42")));

        Answer answer = convert(client, realm.convertTokenEndpoint(), idToken());

        assertThat(answer.expect(200).json().path("expires_in").asInt()).isBetween(40, 42);
    }

    @Test
    void consentOnceGivenIsEnough() {
        TestClient client = realm.addConfidentialClient("consenting", Map.of("consentRequired", true));
        Person person = Person.unknown();
        convert(realm.convertTokenEndpoint(), provider.idToken(person).mint()).expect(200);
        Answer before = convert(
                client, realm.convertTokenEndpoint(), provider.idToken(person).mint());

        assertThat(before.expect(400).error()).isEqualTo("interaction_required");
    }

    @Test
    void bearerOnlyAndDisabledClientsConvertNothing() {
        TestClient disabled = realm.addConfidentialClient("disabled", Map.of("enabled", false));
        TestClient bearerOnly = realm.addConfidentialClient("bearer-only", Map.of("bearerOnly", true));

        assertThat(convert(disabled, realm.convertTokenEndpoint(), idToken()).error())
                .isIn("invalid_client", "unauthorized_client");
        assertThat(convert(bearerOnly, realm.convertTokenEndpoint(), idToken()).error())
                .isIn("invalid_client", "unauthorized_client");
    }

    private static void enforce(String executor, Map<String, ?> configuration) {
        ClientPolicy.enforce(realm, Optional.empty(), TOKEN_EXCHANGES, executor, configuration);
    }

    private static String idToken() {
        return provider.idToken(Person.unknown()).mint();
    }

    private static String accessToken(String department) {
        return provider.accessToken(Person.unknown())
                .claim("department", department)
                .mint();
    }

    private static Answer convert(Call call, String token) {
        return convert(TestRealm.MOBILE, call, token);
    }

    private static Answer convert(TestClient client, Call call, String token) {
        return call.as(client).param("backend", "social").param("token", token).post();
    }

    private static Answer exchange(String token) {
        return realm.exchange(TestRealm.MOBILE, "social", token, "access_token").post();
    }

    /** RFC 9449, section 4.2. */
    private static String proof(ECKey key, URI endpoint) throws JOSEException {
        SignedJWT proof = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(new JOSEObjectType("dpop+jwt"))
                        .jwk(key.toPublicJWK())
                        .build(),
                new JWTClaimsSet.Builder()
                        .jwtID(UUID.randomUUID().toString())
                        .issueTime(new Date())
                        .claim("htm", "POST")
                        .claim("htu", endpoint.toString())
                        .build());
        proof.sign(new ECDSASigner(key));
        return proof.serialize();
    }
}
