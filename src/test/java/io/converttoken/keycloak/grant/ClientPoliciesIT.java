// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.ClientPolicy;
import io.converttoken.keycloak.testing.DPoPProofs;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Json;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A realm under client policies is one for conversions, too: what refuses a client's other grants refuses its conversions. */
@ExtendWith(KeycloakExtension.class)
class ClientPoliciesIT {

    /**
     * Every executor that Keycloak ships, and what comes of it: a refresh, client credentials and a token exchange of
     * Keycloak's own, and a conversion. A dash stands for a grant that the client has no way to.
     */
    private static final String EXECUTORS = """
            # executor                                 | configuration                                        | client  | refresh            | credentials     | exchange        | conversion
            secure-client-authenticator                | {"allowed-client-authenticators":["client-jwt"]}     | partner | invalid_request    | invalid_request | ok              | invalid_request
            secure-client-authenticator                | {"allowed-client-authenticators":["client-secret"]}  | partner | ok                 | ok              | ok              | ok
            secure-client-authenticator                | {"allowed-client-authenticators":["client-jwt"]}     | phone   | ok                 | -               | -               | ok
            holder-of-key-enforcer                     | {"auto-configure":false}                             | partner | invalid_grant      | invalid_request | ok              | invalid_request
            holder-of-key-enforcer                     | {"auto-configure":false}                             | phone   | invalid_grant      | -               | -               | invalid_request
            confidential-client                        | {}                                                   | partner | ok                 | ok              | ok              | ok
            confidential-client                        | {}                                                   | phone   | ok                 | -               | -               | invalid_client
            secure-signature-algorithm-signed-jwt      | {"require-client-assertion":true}                    | partner | invalid_request    | invalid_request | ok              | invalid_request
            secure-signature-algorithm-signed-jwt      | {"require-client-assertion":false}                   | partner | ok                 | ok              | ok              | ok
            secure-client-authentication-assertion     | {}                                                   | partner | ok                 | ok              | ok              | ok
            dpop-bind-enforcer                         | {"allow-only-refresh-token-binding":true}            | phone   | invalid_dpop_proof | -               | -               | invalid_dpop_proof
            dpop-bind-enforcer                         | {"allow-only-refresh-token-binding":false}           | phone   | ok                 | -               | -               | ok
            dpop-bind-enforcer                         | {"allow-only-refresh-token-binding":true}            | partner | ok                 | ok              | ok              | ok
            use-lightweight-access-token               | {}                                                   | partner | ok                 | ok              | ok              | ok
            reject-request                             | {}                                                   | partner | invalid_request    | invalid_request | invalid_request | invalid_request
            jwt-claim-enforcer                         | {"claim-name":"department"}                          | partner | ok                 | ok              | invalid_request | invalid_request
            jwt-claim-enforcer                         | {"claim-name":"iss"}                                 | partner | ok                 | ok              | ok              | ok
            downscope-assertion-grant-enforcer         | {}                                                   | partner | ok                 | ok              | ok              | ok
            reject-ropc-grant                          | {"auto-configure":false}                             | partner | ok                 | ok              | ok              | ok
            reject-implicit-grant                      | {"auto-configure":false}                             | partner | ok                 | ok              | ok              | ok
            full-scope-disabled                        | {"auto-configure":false}                             | partner | ok                 | ok              | ok              | ok
            consent-required                           | {"auto-configure":false}                             | partner | ok                 | ok              | ok              | ok
            pkce-enforcer                              | {"auto-configure":false}                             | partner | ok                 | ok              | ok              | ok
            secure-signature-algorithm                 | {"default-algorithm":"PS256"}                        | partner | ok                 | ok              | ok              | ok
            secure-response-type                       | {"auto-configure":false}                             | partner | ok                 | ok              | ok              | ok
            secure-request-object                      | {"available-period":"3600","verify-nbf":true}        | partner | ok                 | ok              | ok              | ok
            secure-session                             | {}                                                   | partner | ok                 | ok              | ok              | ok
            secure-client-uris                         | {}                                                   | partner | ok                 | ok              | ok              | ok
            secure-client-uris-pattern                 | {"client-uri-fields":["rootUrl"],"allowed-patterns":["^https://none"]} | partner | ok | ok            | ok              | ok
            secure-redirect-uris-enforcer              | {}                                                   | partner | ok                 | ok              | ok              | ok
            secure-par-content                         | {}                                                   | partner | ok                 | ok              | ok              | ok
            secure-logout                              | {"allow-front-channel-logout":false}                 | partner | ok                 | ok              | ok              | ok
            intent-client-bind-checker                 | {"intent-client-bind-check-endpoint":"http://127.0.0.1:9/","intent-name":"intent"} | partner | ok | ok  | ok              | ok
            suppress-refresh-token-rotation            | {}                                                   | partner | ok                 | ok              | ok              | ok
            registration-access-token-rotation-disabled| {}                                                   | partner | ok                 | ok              | ok              | ok
            secret-rotation                            | {}                                                   | partner | ok                 | ok              | ok              | ok
            auth-flow-enforcer                         | {"auth-flow-alias":"browser"}                        | partner | ok                 | ok              | ok              | ok
            tls-client-auth-ca-subject-dn              | {"ca-subject-dn":"CN=ca"}                            | partner | ok                 | ok              | ok              | ok
            secure-ciba-session                        | {}                                                   | partner | ok                 | ok              | ok              | ok
            secure-ciba-signed-authn-req               | {"available-period":"3600"}                          | partner | ok                 | ok              | ok              | ok
            secure-ciba-req-sig-algorithm              | {"default-algorithm":"PS256"}                        | partner | ok                 | ok              | ok              | ok
            saml-secure-client-uris                    | {}                                                   | partner | ok                 | ok              | ok              | ok
            saml-avoid-redirect                        | {}                                                   | partner | ok                 | ok              | ok              | ok
            saml-signature-enforcer                    | {}                                                   | partner | ok                 | ok              | ok              | ok
            oid4vci-policy-executor                    | {}                                                   | partner | ok                 | ok              | ok              | ok
            client-id-metadata-document                | {}                                                   | partner | ok                 | ok              | ok              | ok
            """;

    private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    private static final String OK = "ok";

    /** A client of a bank's partner: it has a secret, a service account, and may exchange tokens. */
    private static final TestClient PARTNER = TestClient.confidential("partner", "partner-secret");

    private static final TestClient PHONE = TestClient.publicClient("phone");

    /** A client whose tokens are bound to its proof of possession. */
    private static final TestClient WALLET = TestClient.publicClient("wallet");

    /** A client that authenticates by signed assertions, and whose tokens are bound to its certificate. */
    private static final String BANK = "bank";

    /** Who has signed in, before any policy. */
    private static final Map<TestClient, Answer> SIGNED_IN = new HashMap<>();

    private static TestRealm realm;
    private static RSAKey bankKey;
    private static String certificate;
    private static FakeProvider provider;
    private static AdminApi admin;

    /** The ways to a conversion. */
    private enum Way {
        OWN_ENDPOINT {
            @Override
            Call call(String token) {
                return realm.convertTokenEndpoint()
                        .param("backend", "social")
                        .param("token", token)
                        .param("token_type", "access_token");
            }
        },
        TOKEN_ENDPOINT {
            @Override
            Call call(String token) {
                return realm.tokenEndpoint()
                        .param("grant_type", "convert_token")
                        .param("backend", "social")
                        .param("token", token)
                        .param("token_type", "access_token");
            }
        },
        TOKEN_EXCHANGE_DIALECT {
            @Override
            Call call(String token) {
                return realm.tokenEndpoint()
                        .param("grant_type", TOKEN_EXCHANGE)
                        .param("subject_issuer", "social")
                        .param("subject_token", token)
                        .param("subject_token_type", ACCESS_TOKEN);
            }
        };

        abstract Call call(String token);

        /** A refusal by core, which asks the policies before the dialect is reached, or by the grant. */
        UserEvent refusal() {
            return realm.events().stream()
                    .filter(event ->
                            event.type().equals("LOGIN_ERROR") || event.type().equals("TOKEN_EXCHANGE_ERROR"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("No event of the refusal in " + realm.events()));
        }
    }

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider, AdminApi adminApi, SocialHosts hosts)
            throws IOException, JOSEException {
        realm = testRealm;
        certificate = Files.readString(hosts.certificate()).replaceAll("-----[^-]+-----|\\s", "");
        bankKey = new RSAKeyGenerator(2048).generate();
        provider = fakeProvider;
        admin = adminApi;
        admin.updateRealm(realm.name(), Map.of("accessTokenLifespan", 3600));
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
        realm.addConfidentialClient(
                PARTNER.clientId(),
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "attributes",
                        Map.of("standard.token.exchange.enabled", "true")));
        realm.addPublicClient(PHONE.clientId(), Map.of());
        realm.addPublicClient(WALLET.clientId(), Map.of("attributes", Map.of("dpop.bound.access.tokens", "true")));
        realm.addConfidentialClient(
                BANK,
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "clientAuthenticatorType",
                        "client-jwt",
                        "attributes",
                        Map.of(
                                "use.jwks.string",
                                "true",
                                "jwks.string",
                                new JWKSet(List.of(bankKey(JWSAlgorithm.PS256), bankKey(JWSAlgorithm.RS256)))
                                        .toString(),
                                "tls.client.certificate.bound.access.tokens",
                                "true")));
    }

    @AfterEach
    void noPolicies() {
        ClientPolicy.applyNone(realm);
    }

    @ParameterizedTest(name = "{0} {1} for {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = EXECUTORS)
    void executorActsAsOnOtherGrants(
            String executor,
            String configuration,
            String client,
            String refresh,
            String credentials,
            String exchange,
            String conversion) {
        assumeTrue(shipped().contains(executor), "Keycloak ships " + executor);
        TestClient caller = client.equals("phone") ? PHONE : PARTNER;
        Answer before = SIGNED_IN.computeIfAbsent(caller, realm::signInAlice);
        enforce(executor, configuration);

        Map<String, String> outcomes = new LinkedHashMap<>();
        outcomes.put("refresh", outcome(realm.refresh(caller, before.refreshToken())));
        outcomes.put("credentials", credentials.equals("-") ? "-" : outcome(clientCredentials(caller)));
        outcomes.put("exchange", exchange.equals("-") ? "-" : outcome(exchange(caller, before.accessToken())));
        assertThat(outcomes).isEqualTo(Map.of("refresh", refresh, "credentials", credentials, "exchange", exchange));

        for (Way way : Way.values()) {
            if (conversion.equals(OK)) {
                assertConverts(way, caller);
            } else {
                assertRefused(way, caller, conversion);
            }
        }
    }

    /** What a Keycloak ships that the table does not name has to be looked at. */
    @Test
    void everyExecutorThatKeycloakShipsIsInTheTable() {
        Set<String> named = EXECUTORS
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf('|')).strip())
                .collect(Collectors.toSet());

        assertThat(shipped()).isNotEmpty().isSubsetOf(named);
    }

    /** The conditions see a token exchange: what is said of other grants is not said of conversions. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    client_credentials,refresh_token,password,authorization_code    | reject-request              | {}                                               | ok
                    client_credentials,refresh_token,password,authorization_code    | secure-client-authenticator | {"allowed-client-authenticators":["client-jwt"]} | ok
                    urn:ietf:params:oauth:grant-type:token-exchange                 | secure-client-authenticator | {"allowed-client-authenticators":["client-jwt"]} | invalid_request
                    urn:ietf:params:oauth:grant-type:token-exchange,password        | holder-of-key-enforcer      | {"auto-configure":false}                         | invalid_request
                    """)
    void policyForOtherGrantsSaysNothingOfConversions(
            String grants, String executor, String configuration, String conversion) {
        for (String mode : new String[] {"DEFAULT", "STRICT"}) {
            enforce(
                    mode,
                    List.of(
                            Map.of(
                                    "condition",
                                    "grant-type",
                                    "configuration",
                                    Map.of("grant_types", List.of(grants.split(",")))),
                            Map.of(
                                    "condition",
                                    "client-access-type",
                                    "configuration",
                                    Map.of("type", List.of("confidential")))),
                    executor,
                    configuration);

            for (Way way : Way.values()) {
                if (conversion.equals(OK)) {
                    assertConverts(way, PARTNER);
                } else {
                    assertRefused(way, PARTNER, conversion);
                    assertConverts(way, PHONE);
                }
            }
        }
    }

    /** The scopes that the client asks for are those that the condition looks at. */
    @Test
    void policyForAScopeHoldsForConversionsWithThatScope() {
        enforce(
                "STRICT",
                List.of(Map.of(
                        "condition",
                        "client-scopes",
                        "configuration",
                        Map.of("type", "Optional", "scopes", List.of("phone")))),
                "secure-client-authenticator",
                "{\"allowed-client-authenticators\":[\"client-jwt\"]}");

        for (Way way : Way.values()) {
            way.call(accessToken()).as(PARTNER).param("scope", "openid").post().expect(200);
            Answer refused = way.call(accessToken())
                    .as(PARTNER)
                    .param("scope", "openid phone")
                    .post();
            assertThat(refused.expect(400).error()).isEqualTo("invalid_request");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fapi-1-baseline", "fapi-1-advanced", "fapi-2-security-profile"})
    void secretAndBearerTokensAreNotEnoughUnderFapi(String profile) {
        apply("DEFAULT", ClientPolicy.ANY_CLIENT, profile);

        for (Way way : Way.values()) {
            assertRefused(way, PARTNER, "invalid_request");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fapi-1-baseline", "fapi-1-advanced", "fapi-2-security-profile"})
    void assertionAndCertificateAreUnderFapi(String profile) throws JOSEException {
        apply("DEFAULT", ClientPolicy.ANY_CLIENT, profile);

        for (Way way : Way.values()) {
            Answer answer = withCertificate(asBank(way.call(accessToken()), JWSAlgorithm.PS256, realm.issuer()))
                    .post();

            assertThat(answer.expect(200).accessTokenClaims().path("cnf").has("x5t#S256"))
                    .isTrue();
            assertThat(answer.refreshTokenClaims().path("cnf").has("x5t#S256")).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "secure-signature-algorithm-signed-jwt, PS256, issuer, ok",
        "secure-signature-algorithm-signed-jwt, RS256, issuer, invalid_request",
        "secure-client-authentication-assertion, PS256, issuer, ok",
        "secure-client-authentication-assertion, PS256, token endpoint, invalid_request"
    })
    void assertionsAreLookedAt(String executor, String algorithm, String audience, String conversion)
            throws JOSEException {
        enforce(executor, "{}");
        String addressee = audience.equals("issuer")
                ? realm.issuer()
                : realm.uri("/protocol/openid-connect/token").toString();

        for (Way way : Way.values()) {
            Answer answer = withCertificate(asBank(way.call(accessToken()), JWSAlgorithm.parse(algorithm), addressee))
                    .post();

            assertThat(outcome(answer)).as("%s: %s", way, answer).isEqualTo(conversion);
        }
    }

    /** RFC 8705, section 3, is the client's own setting; nothing is done before the certificate is there. */
    @ParameterizedTest
    @EnumSource
    void clientOfBoundTokensNeedsItsCertificateBeforeAnythingIsDone(Way way) throws JOSEException {
        int users = realm.userCount();
        realm.clearEvents();
        provider.userInfo().reset();

        Answer answer = asBank(way.call(accessToken()), JWSAlgorithm.PS256, realm.issuer())
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription()).isEqualTo("Client Certification missing for MTLS HoK Token Binding");
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(provider.userInfo().requestCount()).isZero();
        assertThat(realm.events()).extracting(UserEvent::type).containsExactly("LOGIN_ERROR");
        assertThat(realm.events().get(0).error()).isEqualTo("invalid_request");
        assertThat(realm.events().get(0).detail("reason_text")).isEqualTo(answer.errorDescription());
    }

    /** A public client whose API knows no proofs of possession: its refresh tokens are bound all the same. */
    @ParameterizedTest
    @EnumSource
    void onlyTheRefreshTokenIsBoundWhereThePolicySaysSo(Way way) {
        enforce("dpop-bind-enforcer", "{\"allow-only-refresh-token-binding\":true}");
        DPoPProofs proofs = new DPoPProofs();
        Call call = way.call(accessToken()).as(PHONE);

        Answer answer = call.header("DPoP", proofs.forPost(call.uri())).post();

        assertThat(answer.expect(200).json().path("token_type").asText()).isEqualTo("Bearer");
        assertThat(answer.accessTokenClaims().has("cnf")).isFalse();
        assertThat(answer.refreshTokenClaims().path("cnf").has("jkt")).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void accessTokensAreAsLightAsThePolicySays(Way way) {
        Answer before = way.call(accessToken()).as(PARTNER).post().expect(200);
        enforce("use-lightweight-access-token", "{}");

        Answer answer = way.call(accessToken()).as(PARTNER).post().expect(200);

        assertThat(before.accessTokenClaims().has("email")).isTrue();
        assertThat(answer.accessTokenClaims().has("email")).isFalse();
    }

    /** A token is revoked under the policies that hold for its client, whoever shows it. */
    @ParameterizedTest(name = "{0} {1} for {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    secure-client-authenticator            | {"allowed-client-authenticators":["client-jwt"]}    | partner | invalid_request    | invalid_request
                    secure-client-authenticator            | {"allowed-client-authenticators":["client-secret"]} | partner | ok                 | ok
                    secure-client-authenticator            | {"allowed-client-authenticators":["client-jwt"]}    | bank    | ok                 | ok
                    secure-signature-algorithm-signed-jwt  | {"require-client-assertion":true}                   | partner | invalid_request    | invalid_request
                    secure-signature-algorithm-signed-jwt  | {"require-client-assertion":false}                  | partner | ok                 | ok
                    secure-signature-algorithm-signed-jwt  | {"require-client-assertion":true}                   | bank    | ok                 | invalid_request
                    secure-client-authentication-assertion | {}                                                  | bank    | ok                 | ok
                    secure-client-authentication-assertion | {}                                                  | partner | ok                 | ok
                    holder-of-key-enforcer                 | {"auto-configure":false}                            | partner | not_allowed        | not_allowed
                    holder-of-key-enforcer                 | {"auto-configure":false}                            | bank    | ok                 | ok
                    dpop-bind-enforcer                     | {"allow-only-refresh-token-binding":false}          | partner | invalid_dpop_proof | invalid_dpop_proof
                    dpop-bind-enforcer                     | {"allow-only-refresh-token-binding":false}          | wallet  | ok                 | ok
                    reject-request                         | {}                                                  | partner | invalid_request    | invalid_request
                    """)
    void tokenIsRevokedUnderThePoliciesOfItsClient(
            String executor, String configuration, String client, String byClient, String byBearer)
            throws JOSEException {
        Caller caller = Caller.valueOf(client.toUpperCase(Locale.ROOT));
        Answer tokens = caller.convert();
        enforce(executor, configuration);

        Answer refusedOrNot = caller.as(realm.call("/auth/revoke-token"))
                .param("token", tokens.accessToken())
                .post();
        assertThat(outcome(refusedOrNot)).as("by the client: %s", refusedOrNot).isEqualTo(byClient);
        noPolicies();
        Answer others = caller.convert();
        enforce(executor, configuration);

        Answer alone = caller.shows(realm.call("/auth/revoke-token"), others.accessToken())
                .post();

        assertThat(outcome(alone)).as("by the bearer: %s", alone).isEqualTo(byBearer);
    }

    private enum Caller {
        PARTNER {
            @Override
            Call as(Call call) {
                return call.as(ClientPoliciesIT.PARTNER);
            }

            @Override
            Call shows(Call call, String token) {
                return call.bearer(token);
            }
        },
        BANK {
            @Override
            Call as(Call call) throws JOSEException {
                return withCertificate(asBank(call, JWSAlgorithm.PS256, realm.issuer()));
            }

            @Override
            Call shows(Call call, String token) {
                return withCertificate(call.bearer(token));
            }
        },
        WALLET {
            @Override
            Call as(Call call) {
                return call.as(ClientPoliciesIT.WALLET).header("DPoP", PROOFS.forPost(call.uri()));
            }

            @Override
            Call shows(Call call, String token) {
                return call.header("Authorization", "DPoP " + token).header("DPoP", PROOFS.forPost(call.uri(), token));
            }
        };

        private static final DPoPProofs PROOFS = new DPoPProofs();

        abstract Call as(Call call) throws JOSEException;

        abstract Call shows(Call call, String token);

        Answer convert() throws JOSEException {
            return as(Way.OWN_ENDPOINT.call(ClientPoliciesIT.accessToken()))
                    .post()
                    .expect(200);
        }
    }

    /** With the right means everything passes that is refused above. */
    private static void assertConverts(Way way, TestClient caller) {
        Answer answer = way.call(accessToken()).as(caller).post().expect(200);

        assertThat(answer.json().has("refresh_token"))
                .as("refresh token in %s", answer)
                .isTrue();
        assertThat(answer.json().path("user").path("email").asText()).isNotEmpty();
    }

    private static void assertRefused(Way way, TestClient caller, String error) {
        int users = realm.userCount();
        realm.clearEvents();
        provider.userInfo().reset();

        Answer answer = way.call(accessToken()).as(caller).post();

        assertThat(answer.expect(400).error()).as("%s: %s", way, answer).isEqualTo(error);
        assertThat(realm.userCount()).isEqualTo(users);
        assertThat(provider.userInfo().requestCount()).isZero();
        UserEvent event = way.refusal();
        assertThat(event.error()).isEqualTo(error);
        assertThat(event.clientId()).isEqualTo(caller.clientId());
        assertThat(event.detail("reason")).isEqualTo("client_policy_error");
        assertThat(event.detail("client_policy_error")).isEqualTo(error);
        assertThat(event.detail("client_policy_error_detail")).isEqualTo(answer.errorDescription());
    }

    private static Set<String> shipped() {
        Set<String> names = new TreeSet<>();
        admin.serverInfo()
                .path("providers")
                .path("client-policy-executor")
                .path("providers")
                .fieldNames()
                .forEachRemaining(names::add);
        return names;
    }

    private static String outcome(Answer answer) {
        return answer.status() == 200 ? OK : answer.error();
    }

    private static Answer clientCredentials(TestClient client) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", "client_credentials")
                .post();
    }

    private static Answer exchange(TestClient client, String accessToken) {
        return realm.tokenEndpoint()
                .as(client)
                .param("grant_type", TOKEN_EXCHANGE)
                .param("subject_token", accessToken)
                .param("subject_token_type", ACCESS_TOKEN)
                .post();
    }

    private static String accessToken() {
        return provider.accessToken(Person.unknown())
                .claim("scope", "openid profile email")
                .mint();
    }

    /** One key is registered for one algorithm. */
    private static JWK bankKey(JWSAlgorithm algorithm) {
        return new RSAKey.Builder(bankKey.toPublicJWK())
                .keyID(algorithm.getName())
                .algorithm(algorithm)
                .keyUse(KeyUse.SIGNATURE)
                .build();
    }

    /** RFC 7523, section 2.2. */
    private static Call asBank(Call call, JWSAlgorithm algorithm, String audience) throws JOSEException {
        SignedJWT assertion = new SignedJWT(
                new JWSHeader.Builder(algorithm).keyID(algorithm.getName()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(BANK)
                        .subject(BANK)
                        .audience(audience)
                        .jwtID(UUID.randomUUID().toString())
                        .issueTime(new Date())
                        .expirationTime(Date.from(Instant.now().plusSeconds(30)))
                        .build());
        assertion.sign(new RSASSASigner(bankKey));
        return call.param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .param("client_assertion", assertion.serialize());
    }

    /** As a proxy in front of Keycloak hands it on. */
    private static Call withCertificate(Call call) {
        return call.header(KeycloakServer.CERTIFICATE_HEADER, certificate);
    }

    private static void enforce(String executor, String configuration) {
        enforce("DEFAULT", ClientPolicy.ANY_CLIENT, executor, configuration);
    }

    private static void enforce(String mode, List<Map<String, ?>> conditions, String executor, String configuration) {
        ClientPolicy.enforce(realm, Optional.of(mode), conditions, executor, Json.parse(configuration));
    }

    private static void apply(String mode, List<Map<String, ?>> conditions, String profile) {
        ClientPolicy.apply(realm, ClientPolicy.policy(Optional.of(mode), conditions, profile));
    }
}
