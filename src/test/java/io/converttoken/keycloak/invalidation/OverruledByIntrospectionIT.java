package io.converttoken.keycloak.invalidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.ForeignJar;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.foreign.ForeignClientPolicyManagerFactory;
import io.converttoken.keycloak.testing.foreign.ForeignIntrospectionProviderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keycloak.protocol.oidc.TokenIntrospectionProviderFactory;
import org.keycloak.services.clientpolicy.ClientPolicyManagerFactory;

/** Another extension introspects refresh tokens, and decides about client policies. */
class OverruledByIntrospectionIT {

    @SuppressWarnings("NullAway.Init")
    private static KeycloakServer server;

    @BeforeAll
    static void start() {
        assumeTrue(KeycloakServer.isDistribution(), "the server is started from the distribution, with two JARs");
        server = KeycloakServer.startNextTo(
                ForeignJar.empty()
                        .with(TokenIntrospectionProviderFactory.class, ForeignIntrospectionProviderFactory.class)
                        .with(ClientPolicyManagerFactory.class, ForeignClientPolicyManagerFactory.class),
                "keycloak-it-introspection.log");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
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
}
