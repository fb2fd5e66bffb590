// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.ClientPolicy;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.ForeignJar;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.foreign.ForeignClientPolicyManagerFactory;
import io.converttoken.keycloak.testing.foreign.ForeignExecutorFactory;
import io.converttoken.keycloak.testing.foreign.ForeignIntrospectionProviderFactory;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.protocol.oidc.TokenIntrospectionProviderFactory;
import org.keycloak.services.clientpolicy.ClientPolicyManagerFactory;
import org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProviderFactory;

/** Another extension introspects refresh tokens, and decides about client policies. */
class OverruledByIntrospectionIT {

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static KeycloakServer server;

    @BeforeAll
    static void start() {
        server = Overruled.start(
                ForeignJar.empty()
                        .with(TokenIntrospectionProviderFactory.class, ForeignIntrospectionProviderFactory.class)
                        .with(ClientPolicyManagerFactory.class, ForeignClientPolicyManagerFactory.class)
                        .with(ClientPolicyExecutorProviderFactory.class, ForeignExecutorFactory.class),
                "keycloak-it-introspection.log");
    }

    @Test
    void logNamesItWhenTheServerHasStarted() {
        assertThat(Overruled.errors(server)).contains(ForeignIntrospectionProviderFactory.class.getName());
    }

    /** What only the client policies can stop is not stopped, and the log says so. */
    @Test
    void logNamesTheForeignClientPoliciesToo() {
        assertThat(Overruled.errors(server))
                .contains(ForeignClientPolicyManagerFactory.class.getName())
                .contains("Codes that were issued before their session ended can be redeemed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void nothingIsInvalidated(String operation) {
        TestRealm realm = TestRealm.createIn(server);
        Answer tokens = realm.signInAlice(TestRealm.APP).expect(200);

        Overruled.assertRefused(realm, operation, tokens, ForeignIntrospectionProviderFactory.class);

        Overruled.assertNothingChanged(realm, tokens);
    }

    /** The server is there: an executor of another extension sees a conversion, too, and what it refuses at last leaves nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"/auth/convert-token", "/protocol/openid-connect/token"})
    void foreignExecutorIsAskedAboutAConversionAndItsAnswer(String endpoint) {
        try (FakeProvider provider = FakeProvider.start();
                TestRealm realm = TestRealm.createIn(server)) {
            realm.addOidcProvider("social", provider)
                    .addConvertTokenMapper("social", Map.of("allowedClients", "*", "singleUse", "true"));
            String token = provider.idToken(Person.unknown()).mint();
            int users = realm.userCount();
            ClientPolicy.enforce(realm, Optional.empty(), ClientPolicy.ANY_CLIENT, "foreign-executor", Map.of());

            Answer refused = convert(realm.call(endpoint), token).expect(400);

            assertThat(refused.error()).isEqualTo("invalid_request");
            assertThat(refused.errorDescription())
                    .isEqualTo("TOKEN_EXCHANGE_REQUEST of mobile for openid"
                            + " SERVICE_ACCOUNT_TOKEN_REQUEST of mobile for openid"
                            + " TOKEN_REFRESH of mobile for openid"
                            + " SERVICE_ACCOUNT_TOKEN_RESPONSE of mobile for openid");
            assertThat(realm.event("LOGIN_ERROR").detail("client_policy_error_detail"))
                    .isEqualTo(refused.errorDescription());
            assertThat(realm.userCount()).isEqualTo(users);
            ClientPolicy.applyNone(realm);
            assertThat(convert(realm.call(endpoint), token)
                            .expect(200)
                            .json()
                            .path("is_new_user")
                            .asBoolean())
                    .isTrue();
        }
    }

    private static Answer convert(Call call, String token) {
        return call.as(TestRealm.MOBILE)
                .param("grant_type", "convert_token")
                .param("backend", "social")
                .param("token", token)
                .param("scope", "openid")
                .post();
    }
}
