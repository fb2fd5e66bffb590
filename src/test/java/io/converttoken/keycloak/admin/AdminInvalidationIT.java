// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The administrator's calls, under core's own permission on the user. */
@ExtendWith(KeycloakExtension.class)
class AdminInvalidationIT {

    private static TestRealm realm;
    private static AdminApi admin;
    private static TestClient other;

    @BeforeAll
    static void clients(TestRealm testRealm, AdminApi adminApi) {
        realm = testRealm;
        admin = adminApi;
        other = realm.addConfidentialClient("other", Map.of());
        realm.allowAdminCalls(TestRealm.APP);
    }

    /** Core makes no online session for an offline token that a password got. */
    @Test
    void sessionsOfOneClientEndAndAreCounted() {
        Person user = realm.newUser();
        Answer first = realm.signIn(TestRealm.APP, user);
        realm.signIn(TestRealm.APP, user);
        Answer offline = realm.signInOffline(TestRealm.APP, user);
        Answer ofOther = realm.signIn(other, user);
        admin.clearAdminEvents(realm.name());

        JsonNode counts = call(user, "invalidate-sessions")
                .param("client_id", "app")
                .post()
                .expect(200)
                .json();

        assertThat(counts.path("sessions").asInt()).isEqualTo(2);
        assertThat(counts.path("offline_sessions").asInt()).isEqualTo(1);
        assertThat(realm.userInfo(first.accessToken()).status()).isEqualTo(401);
        assertThat(realm.refresh(TestRealm.APP, offline.refreshToken()).status())
                .isEqualTo(400);
        realm.refresh(other, ofOther.refreshToken()).expect(200);
        JsonNode event = admin.adminEvents(realm.name()).get(0);
        assertThat(event.path("operationType").asText()).isEqualTo("ACTION");
        assertThat(event.path("resourcePath").asText()).endsWith("invalidate-sessions");
        assertThat(event.path("representation").asText()).contains("\"sessions\":2", "\"offline_sessions\":1");
        assertThat(event.path("details").path("operation").asText()).isEqualTo("invalidate-sessions");
        assertThat(event.path("details").path("client_id").asText()).isEqualTo("app");
    }

    @Test
    void withoutAClientEveryClientsSessionsEnd() {
        Person user = realm.newUser();
        Answer ofApp = realm.signIn(TestRealm.APP, user);
        Answer ofOther = realm.signIn(other, user);

        JsonNode counts = call(user, "invalidate-sessions").post().expect(200).json();

        assertThat(counts.path("sessions").asInt()).isEqualTo(2);
        assertThat(realm.userInfo(ofApp.accessToken()).status()).isEqualTo(401);
        assertThat(realm.userInfo(ofOther.accessToken()).status()).isEqualTo(401);
        assertThat(admin.sessions(realm.name(), user.username())).isEmpty();
    }

    @Test
    void refreshTokensAloneEndAndAreCounted() {
        Person user = realm.newUser();
        Answer ofApp = realm.signIn(TestRealm.APP, user);
        Answer ofOther = realm.signIn(other, user);

        JsonNode counts = call(user, "invalidate-refresh-tokens")
                .json(Map.of("client_id", "app"))
                .post()
                .expect(200)
                .json();

        assertThat(counts.path("sessions").asInt()).isEqualTo(1);
        assertThat(counts.path("offline_sessions").asInt()).isZero();
        assertThat(realm.refresh(TestRealm.APP, ofApp.refreshToken()).status()).isEqualTo(400);
        assertThat(realm.userInfo(ofApp.accessToken()).status()).isEqualTo(200);
        realm.refresh(other, ofOther.refreshToken()).expect(200);

        call(user, "invalidate-refresh-tokens").post().expect(200);
        assertThat(realm.refresh(other, ofOther.refreshToken()).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void unknownOnesAreSaid(String operation) {
        Person user = realm.newUser();

        admin.call(realm.name() + "/auth/users/nobody/" + operation).post().expect(404);
        assertThat(call(user, operation)
                        .param("client_id", "nobody")
                        .post()
                        .expect(400)
                        .error())
                .isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalidate-sessions", "invalidate-refresh-tokens"})
    void rightIsCores(String operation) {
        Person user = realm.newUser();
        Answer tokens = realm.signIn(TestRealm.APP, user);
        Person viewer = realm.newUser();
        admin.addClientRole(realm.name(), viewer.username(), "realm-management", "view-users");
        Person manager = realm.newUser();
        admin.addClientRole(realm.name(), manager.username(), "realm-management", "manage-users");

        for (Person without : List.of(user, viewer)) {
            callAs(without, user, operation).expect(403);
        }
        callAs(user, "nobody", operation).expect(403);
        callAs(viewer, "nobody", operation).expect(404);
        assertThat(Call.to(realm.keycloak().base().resolve(path(id(user), operation)))
                        .post()
                        .status())
                .isEqualTo(401);
        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);

        callAs(manager, user, operation).expect(200);
        assertThat(realm.refresh(TestRealm.APP, tokens.refreshToken()).status()).isEqualTo(400);
    }

    /** Fine-grained admin permissions of the realm: the right to manage this one user. */
    @Test
    void fineGrainedRightOnTheUserIsEnough() {
        admin.updateRealm(realm.name(), Map.of("adminPermissionsEnabled", true));
        Person user = realm.newUser();
        Person another = realm.newUser();
        Person helper = realm.newUser();
        admin.addClientRole(realm.name(), helper.username(), "realm-management", "query-users");
        String server = realm.name() + "/clients/"
                + admin.client(realm.name(), "admin-permissions").path("id").asText() + "/authz/resource-server/";
        String policy = admin.call(server + "policy/user")
                .json(Map.of("name", "helper", "users", List.of(id(helper))))
                .post()
                .expect(201)
                .json()
                .path("id")
                .asText();
        admin.call(server + "permission/scope")
                .json(Map.of(
                        "name", "helper manages user",
                        "resourceType", "Users",
                        "resources", List.of(id(user)),
                        "scopes", List.of("manage"),
                        "policies", List.of(policy)))
                .post()
                .expect(201);

        callAs(helper, user, "invalidate-sessions").expect(200);
        callAs(helper, another, "invalidate-sessions").expect(403);
    }

    private static Answer callAs(Person caller, Person user, String operation) {
        return callAs(caller, id(user), operation);
    }

    private static Answer callAs(Person caller, String userId, String operation) {
        String bearer = realm.signIn(TestRealm.APP, caller).accessToken();
        return Call.to(realm.keycloak().base().resolve(path(userId, operation)))
                .bearer(bearer)
                .post();
    }

    private static String path(String userId, String operation) {
        return "/admin/realms/" + realm.name() + "/auth/users/" + userId + "/" + operation;
    }

    private static Call call(Person user, String operation) {
        return admin.call(realm.name() + "/auth/users/" + id(user) + "/" + operation);
    }

    private static String id(Person user) {
        return admin.user(realm.name(), user.username()).path("id").asText();
    }
}
