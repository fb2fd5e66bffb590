// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A real transmitter of shared signals: another Keycloak with its feature {@code ssf}, a realm of which is the identity
 * provider. Who is logged out there is logged out here.
 */
@ExtendWith(KeycloakExtension.class)
class SharedSignalsTransmitterIT {

    private static final Duration PUSHED = Duration.ofSeconds(30);
    private static final String BACKEND = "upstream";
    private static final String SESSION_REVOKED = Sender.CAEP + "session-revoked";

    @AutoClose
    private static KeycloakServer transmitter;

    private static TestRealm upstream;
    private static TestRealm realm;
    private static final TestClient COMPANY = TestClient.confidential("company", "company-secret");

    @BeforeAll
    static void start(SocialHosts hosts, TestRealm testRealm) {
        realm = testRealm;
        transmitter = KeycloakServer.startTransmitter(hosts);
        upstream = TestRealm.createIn(transmitter);
        upstream.admin().setRealmAttributes(upstream.name(), Map.of("ssf.transmitterEnabled", "true"));
        addBackend();
        register(realm.uri("/auth/signals/" + BACKEND));
    }

    private static void addBackend() {
        Map<String, String> settings = new HashMap<>();
        settings.put("clientId", "company");
        settings.put("clientSecret", "company-secret");
        settings.put("issuer", upstream.issuer());
        settings.put("authorizationUrl", upstream.issuer() + "/protocol/openid-connect/auth");
        settings.put("tokenUrl", upstream.issuer() + "/protocol/openid-connect/token");
        settings.put("jwksUrl", upstream.issuer() + "/protocol/openid-connect/certs");
        settings.put("useJwksUrl", "true");
        settings.put("validateSignature", "true");
        realm.admin().requireNothingOfUsers(realm.name());
        realm.addIdentityProvider(BACKEND, "keycloak-oidc", settings, Map.of())
                .addConvertTokenMapper(BACKEND, Map.of("allowedClients", "*", "signals", "true"));
    }

    /** As the administrator of the other realm, and then as the receiver. */
    private static void register(URI address) {
        upstream.addConfidentialClient(
                "company",
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "attributes",
                        Map.of(
                                "ssf.enabled",
                                "true",
                                "ssf.validPushUrls",
                                address.toString(),
                                "ssf.defaultSubjects",
                                "ALL",
                                "ssf.stream.aud",
                                "company",
                                "ssf.streamAudience",
                                "company")));
        AdminApi admin = upstream.admin();
        for (String scope : List.of("ssf.manage", "ssf.read")) {
            admin.addOptionalClientScope(upstream.name(), "company", scope);
        }
        String token = upstream.tokenEndpoint()
                .as(COMPANY)
                .param("grant_type", "client_credentials")
                .param("scope", "ssf.manage ssf.read")
                .post()
                .accessToken();
        JsonNode metadata = upstream.call("/.well-known/ssf-configuration")
                .get()
                .expect(200)
                .json();
        Call.to(URI.create(metadata.path("configuration_endpoint").asText()))
                .bearer(token)
                .json(Map.of(
                        "delivery",
                        Map.of("method", "urn:ietf:rfc:8935", "endpoint_url", address.toString()),
                        "events_requested",
                        List.of(SESSION_REVOKED)))
                .post()
                .expect(201);
    }

    @Test
    void logoutThereEndsTheSessionsHere() {
        Person person = Person.unknown();
        Person another = Person.unknown();
        upstream.addUser(person).addUser(another);
        Answer online = convert(person, "openid");
        Answer offline = convert(person, "openid offline_access");
        Answer ofAnother = convert(another, "openid");

        upstream.admin().logout(upstream.name(), person.username());

        Await.until(
                "the session has ended",
                PUSHED,
                () -> realm.userInfo(online.accessToken()).status() == 401);
        realm.refresh(TestRealm.APP, online.refreshToken()).expect(400);
        realm.refresh(TestRealm.APP, offline.refreshToken()).expect(400);
        realm.refresh(TestRealm.APP, ofAnother.refreshToken()).expect(200);
        assertThat(realm.event("REVOKE_GRANT").detail("signal")).isEqualTo(SESSION_REVOKED);
    }

    private static Answer convert(Person person, String scope) {
        String token = upstream.tokenEndpoint()
                .as(COMPANY)
                .param("grant_type", "password")
                .param("username", person.username())
                .param("password", person.username())
                .param("scope", "openid")
                .post()
                .expect(200)
                .idToken();
        return realm.conversion(BACKEND, token).param("scope", scope).post().expect(200);
    }
}
