// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.admin.AuthAdminResource;
import io.converttoken.keycloak.admin.BackendCalls;
import io.converttoken.keycloak.rest.AuthResource;
import io.converttoken.keycloak.signals.Sender;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.SecurityEvents;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import jakarta.ws.rs.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** The document and the server are held to each other: every call, every answer. */
@ExtendWith(KeycloakExtension.class)
class OpenApiIT {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String MULTIPART = "multipart/form-data";

    /** A parameter of a form, in characters, that Keycloak itself does not read. */
    private static final int TOO_LARGE = 3_000_000;

    /** Who makes the calls, with a user's usual roles. */
    private static final Person PERSON = Person.unknown();

    /** The calls that take a body, and their paths. */
    private static final Map<String, String> POSTS = posts();

    private static TestRealm realm;
    private static AdminApi admin;
    private static FakeProvider provider;
    private static DescribedApi api;
    private static TestClient narrow;
    private static String personId;

    @BeforeAll
    static void describedRealm(TestRealm testRealm, AdminApi adminApi, FakeProvider fakeProvider) {
        realm = testRealm;
        admin = adminApi;
        provider = fakeProvider;
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper(
                        "social",
                        Map.of("allowedClients", "app\nmobile", "backendNames", "social-oauth2", "signals", "true"));
        narrow = realm.addConfidentialClient("narrow", Map.of("fullScopeAllowed", false));
        realm.addUser(PERSON);
        personId = admin.user(realm.name(), PERSON.username()).path("id").asText();
        api = new DescribedApi(
                realm.call("/auth/openapi.json").get().expect(200).json());
    }

    @BeforeEach
    void providerAnswers() {
        provider.reset();
    }

    /** Only what cannot be brought about on purpose is described without having been seen. */
    @AfterAll
    static void everythingDescribedWasSeen() {
        Set<String> unseen = new TreeSet<>(api.statuses());
        unseen.removeAll(api.seen());
        assertThat(unseen)
                .containsExactlyInAnyOrder(
                        // on a server where it is switched off, see OptionalFeaturesIT
                        "docs 404",
                        "explainPage 404",
                        "openApiJson 404",
                        "openApiYaml 404",
                        // needs the lock of the user to be held for longer than anybody waits
                        "invalidateSessions 503",
                        "invalidateRefreshTokens 503",
                        "invalidateSessionsOfUser 503",
                        "invalidateRefreshTokensOfUser 503",
                        // where another extension is in the way, see OverruledByRefreshTokensIT
                        "invalidateSessions 500",
                        "invalidateRefreshTokens 500",
                        "invalidateSessionsOfUser 500",
                        "invalidateRefreshTokensOfUser 500",
                        // after a minute's worth of refused tokens, see BadTokensIT
                        "convertToken 429",
                        "token 429",
                        "tokenEndpoint 429",
                        "connectBackend 429",
                        "signal 429");
    }

    @Test
    void everyEndpointIsDescribedAndNoOther() {
        String ofRealm = "/realms/" + realm.name() + "/auth/";
        Set<String> described = new TreeSet<>();
        document().path("paths").fieldNames().forEachRemaining(described::add);

        assertThat(described)
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                paths(AuthResource.class, ofRealm),
                                paths(AuthAdminResource.class, "/admin" + ofRealm),
                                paths(BackendCalls.class, "/admin" + ofRealm + "backends/"),
                                Stream.of("/realms/" + realm.name() + "/protocol/openid-connect/token"))
                        .flatMap(paths -> paths)
                        .toList());
    }

    private static Stream<String> paths(Class<?> resource, String below) {
        return Arrays.stream(resource.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Path.class))
                .map(method -> below + method.getAnnotation(Path.class).value());
    }

    // the document

    @Test
    void documentIsServedAsJsonAndYaml() throws Exception {
        Answer json = api.hold("openApiJson", realm.call("/auth/openapi.json").get());
        Answer yaml = api.hold("openApiYaml", realm.call("/auth/openapi.yaml").get());

        assertThat(json.header("Content-Type")).hasValue("application/json;charset=utf-8");
        assertThat(yaml.header("Content-Type")).hasValue("application/yaml;charset=utf-8");
        Map<String, Object> tree = new Yaml().load(yaml.text());
        assertThat(new ObjectMapper().<JsonNode>valueToTree(tree)).isEqualTo(json.json());
        assertThat(json.json().at("/servers/0/url").asText())
                .isEqualTo(realm.keycloak().base().toString());
    }

    @Test
    void otherOriginsMayReadTheDocument() {
        Answer answer = realm.call("/auth/openapi.json")
                .header("Origin", "https://editor.example")
                .get();

        assertThat(answer.expect(200).header("Access-Control-Allow-Origin")).hasValue("https://editor.example");
    }

    // tokens

    @Test
    void conversion() {
        String token = provider.idToken(Person.unknown()).mint();

        answers("convertToken", 200, "", TestRealm.APP, Map.of("backend", "social", "token", token, "scope", "openid"));
        answers("convertToken", 200, "", TestRealm.MOBILE, Map.of("backend", "social-oauth2", "token", token));
        answers("convertToken", 400, "invalid_request", TestRealm.APP, Map.of("backend", "none", "token", token));
        answers("convertToken", 400, "invalid_grant", TestRealm.APP, Map.of("backend", "social", "token", "t"));
        answers(
                "convertToken",
                400,
                "invalid_scope",
                TestRealm.APP,
                Map.of("backend", "social", "token", token, "scope", "none"));
        answers(
                "convertToken",
                400,
                "unauthorized_client",
                realm.addConfidentialClient("unlisted", Map.of()),
                Map.of("backend", "social", "token", token));
        answers(
                "convertToken",
                401,
                "invalid_client",
                TestClient.publicClient("nobody"),
                Map.of("backend", "social", "token", token));
    }

    @Test
    void conversionThatNeedsAPerson() {
        String token = provider.idToken(Person.unknown().withEmail(TestRealm.ALICE.email()))
                .mint();

        answers(
                "convertToken",
                400,
                "interaction_required",
                TestRealm.APP,
                Map.of("backend", "social", "token", token));
    }

    @Test
    void malformedConversion() {
        Answer answer = api.hold(
                "convertToken",
                realm.convertTokenEndpoint()
                        .as(TestRealm.APP)
                        .param("backend", "social")
                        .post());
        assertThat(answer.error()).isEqualTo("invalid_request");
        assertThat(api.errorsOfRequest("convertToken", "{\"token\":\"x\"}")).isNotEmpty();
        assertThat(api.errorsOfRequest("convertToken", "{\"backend\":\"social\",\"code\":\"x\"}"))
                .isEmpty();
    }

    @Test
    void otherGrantsAtConvertToken() {
        Answer answer = api.hold(
                "convertToken",
                realm.convertTokenEndpoint()
                        .as(TestRealm.APP)
                        .param("grant_type", "password")
                        .post());

        assertThat(answer.error()).isEqualTo("unsupported_grant_type");
    }

    @Test
    void conversionWhileTheProviderIsDown() {
        provider.introspection().answersStatus(500);
        String token = provider.opaqueToken(Person.unknown()).mint();

        for (String id : List.of("convertToken", "token", "tokenEndpoint")) {
            answers(
                    id,
                    503,
                    "temporarily_unavailable",
                    TestRealm.APP,
                    Map.of("grant_type", "convert_token", "backend", "social", "token", token));
        }
        answersTo(
                "connectBackend",
                503,
                "temporarily_unavailable",
                bearer(),
                Map.of("backend", "social", "token", token));
    }

    @Test
    void grants() {
        Map<String, String> password =
                Map.of("grant_type", "password", "username", "alice", "password", "alice", "scope", "openid");

        answers("token", 200, "", TestRealm.APP, password);
        answers("token", 400, "unsupported_grant_type", TestRealm.APP, Map.of("grant_type", "none"));
        answers(
                "token",
                400,
                "invalid_grant",
                TestRealm.APP,
                Map.of("grant_type", "refresh_token", "refresh_token", "t"));
        answers("token", 401, "unauthorized_client", TestClient.confidential("app", "wrong"), password);
    }

    @Test
    void tokenEndpoint() {
        String token = provider.idToken(Person.unknown()).mint();
        Map<String, String> conversion = Map.of("grant_type", "convert_token", "backend", "social", "token", token);

        answers("tokenEndpoint", 200, "", TestRealm.APP, conversion);
        Answer exchanged = answers(
                "tokenEndpoint",
                200,
                "",
                TestRealm.APP,
                Map.of(
                        "grant_type",
                        "urn:ietf:params:oauth:grant-type:token-exchange",
                        "subject_issuer",
                        "social",
                        "subject_token",
                        token,
                        "subject_token_type",
                        "urn:ietf:params:oauth:token-type:id_token"));
        assertThat(exchanged.json().path("issued_token_type").asText())
                .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        answers("tokenEndpoint", 401, "invalid_client", TestClient.publicClient("nobody"), conversion);
        answers(
                "tokenEndpoint",
                400,
                "invalid_grant",
                TestRealm.APP,
                Map.of("grant_type", "convert_token", "backend", "social", "token", "t"));
    }

    @Test
    void revocation() {
        Answer tokens = realm.signInAlice(TestRealm.APP);

        answers("revokeToken", 200, "", TestRealm.APP, Map.of("token", tokens.refreshToken()));
        answers("revokeToken", 400, "invalid_request", TestRealm.APP, Map.of());
        answers("revokeToken", 401, "invalid_client", TestClient.publicClient("nobody"), Map.of("token", "t"));
        answersTo("revokeToken", 200, "", bearer(), Map.of());
        answersTo("revokeToken", 401, "invalid_token", "t", Map.of());
    }

    // sessions, identities

    @ParameterizedTest
    @MethodSource
    void invalidation(String id) {
        answersTo(id, 204, "", bearer(), Map.of("client_id", "app"));
        answersTo(id, 204, "", bearer(), Map.of("client_id", "app", "except_current", "true"));
        assertThat(api.errorsOfRequest(id, "{\"client_id\":\"app\",\"except_current\":true}"))
                .isEmpty();
        for (Object flag : List.of(true, "true")) {
            api.hold(
                    id,
                    call(id).bearer(bearer())
                            .json(Map.of("client_id", "app", "except_current", flag))
                            .post()
                            .expect(204));
        }
        answersTo(id, 400, "invalid_request", bearer(), Map.of("client_id", "nobody"));
        answersTo(id, 401, "invalid_token", "t", Map.of("client_id", "app"));
        answersTo(id, 403, "insufficient_scope", powerlessBearer(), Map.of("client_id", "app"));
        api.hold(id, call(id).bearer(bearer()).post().expect(400));
    }

    static List<String> invalidation() {
        return List.of("invalidateSessions", "invalidateRefreshTokens");
    }

    @Test
    void sessions() {
        for (String query : List.of("", "?client_id=app")) {
            api.hold("sessions", sessions(query, bearer()).expect(200));
        }
        api.hold("sessions", sessions("?client_id=nobody", bearer()).expect(400));
        api.hold("sessions", sessions("", "t").expect(401));
        api.hold("sessions", sessions("?client_id=app", powerlessBearer()).expect(403));
        String sessionId = signIn(TestRealm.APP).accessTokenClaims().path("sid").asText();
        for (String id : invalidation()) {
            answersTo(id, 400, "invalid_request", bearer(), Map.of("client_id", "app", "session_id", "none"));
        }
        answersTo("invalidateSessions", 204, "", bearer(), Map.of("client_id", "app", "session_id", sessionId));
    }

    private static Answer sessions(String query, String bearer) {
        return realm.call("/auth/sessions" + query).bearer(bearer).get();
    }

    @Test
    void identities() {
        String bearer = bearer();
        String token = provider.idToken(Person.unknown()).mint();
        String powerless = powerlessBearer();

        answersTo("connectBackend", 204, "", bearer, Map.of("backend", "social", "token", token));
        answersTo("connectBackend", 400, "invalid_grant", bearer, Map.of("backend", "social", "token", "t"));
        answersTo("connectBackend", 400, "invalid_request", bearer, Map.of("backend", "none", "token", token));
        answersTo("connectBackend", 401, "invalid_token", "t", Map.of("backend", "social", "token", token));
        answersTo("connectBackend", 403, "insufficient_scope", powerless, Map.of("backend", "social", "token", token));
        admin.configureRequiredAction(realm.name(), "idp_link", Map.of("max_auth_age", "0"));
        answersTo(
                "connectBackend",
                401,
                "insufficient_user_authentication",
                bearer,
                Map.of("backend", "social", "token", token));
        admin.resetRequiredAction(realm.name(), "idp_link");
        answersTo("disconnectBackend", 204, "", bearer, Map.of("backend", "social"));
        answersTo("disconnectBackend", 400, "invalid_request", bearer, Map.of("backend", "social"));
        answersTo("disconnectBackend", 401, "invalid_token", "t", Map.of("backend", "social"));
        answersTo("disconnectBackend", 403, "insufficient_scope", powerless, Map.of("backend", "social"));
    }

    @Test
    void browserIsSentOn() {
        api.hold(
                "authorize",
                realm.call("/auth/authorize").param("client_id", "app").get());
    }

    @Test
    void explorerIsAPage() {
        api.hold("docs", realm.call("/auth/docs").get());
        api.hold("explainPage", realm.call("/auth/docs/explain").get());
    }

    // administration

    @ParameterizedTest
    @MethodSource
    void administration(String id) {
        signIn(TestRealm.APP);

        answersTo(id, 200, "", adminBearer(), Map.of("client_id", "app"));
        answersTo(id, 200, "", adminBearer(), Map.of());
        answersTo(id, 400, "invalid_request", adminBearer(), Map.of("client_id", "nobody"));
        answersTo(id, 401, null, "t", Map.of());
        answersTo(id, 403, null, bearer(), Map.of());
        String ofNobody = POSTS.getOrDefault(id, "").replace("{person}", "nobody");
        api.hold(id, callTo(ofNobody).bearer(adminBearer()).post().expect(404));
    }

    @Test
    void explanations() {
        String token = provider.idToken(Person.unknown()).mint();
        Map<String, String> question = Map.of("client_id", "app", "token", token);

        answersTo("explainConversion", 200, "", adminBearer(), question);
        answersTo("explainConversion", 200, "", adminBearer(), Map.of("client_id", "app", "token", "t"));
        answersTo("explainConversion", 401, null, "t", question);
        answersTo("explainConversion", 403, null, bearer(), question);
        answersTo("checkBackend", 200, "", adminBearer(), Map.of());
        answersTo("checkBackend", 401, null, "t", Map.of());
        answersTo("checkBackend", 403, null, bearer(), Map.of());
        for (String id : List.of("explainConversion", "checkBackend")) {
            Answer malformed = call(id).bearer(adminBearer())
                    .body("application/json", "{")
                    .post()
                    .expect(400);
            assertThat(api.hold(id, malformed).error()).isEqualTo("invalid_request");
        }
        String list = "/admin/realms/{realm}/auth/backends";
        api.hold("listBackends", callTo(list).bearer(adminBearer()).get().expect(200));
        api.hold("listBackends", callTo(list).bearer("t").get().expect(401));
        api.hold("listBackends", callTo(list).bearer(bearer()).get().expect(403));
    }

    static List<String> administration() {
        return List.of("invalidateSessionsOfUser", "invalidateRefreshTokensOfUser");
    }

    // signals

    @Test
    void signals() {
        realm.addOidcProvider("signalling", provider)
                .addConvertTokenMapper("signalling", Map.of("allowedClients", "*", "signals", "true"));
        realm.addIdentityProvider(
                        "facebook", "facebook", Map.of("clientId", "1", "clientSecret", "app-secret"), Map.of())
                .addConvertTokenMapper("facebook", Map.of("allowedClients", "*", "signals", "true"));
        Map<String, String> subject = Map.of("format", "opaque", "id", "nobody");
        String event = SecurityEvents.sessionRevoked(provider, "nobody").mint();
        api.hold(
                "signal",
                signal("signalling")
                        .body("application/secevent+jwt", event)
                        .post()
                        .expect(202));
        api.hold(
                "signal",
                signal("signalling")
                        .body("application/secevent+jwt", "x")
                        .post()
                        .expect(400));
        api.hold("signal", signal("signalling").json(Map.of()).post().expect(401));
        api.hold(
                "signal",
                signal("signalling")
                        .bearer(revocationToken())
                        .json(Map.of("sub_id", subject))
                        .post()
                        .expect(404));
        Person person = Person.unknown();
        realm.convert("signalling", provider.idToken(person).mint()).expect(200);
        api.hold(
                "signal",
                signal("signalling")
                        .bearer(revocationToken())
                        .json(Map.of("sub_id", Map.of("format", "opaque", "id", person.subject())))
                        .post()
                        .expect(204));
        Answer deletion = api.hold(
                "signal", signal("facebook").params(signedRequest()).post().expect(200));
        String page = "/auth/signals/facebook/deletions/"
                + deletion.json().path("confirmation_code").asText();
        api.hold("deletionPage", realm.call(page).get().expect(200));
        api.hold(
                "deletionPage",
                realm.call(page.substring(0, page.length() - 1)).get().expect(404));
        provider.jwks().answersStatus(500);
        realm.addOidcProvider("keyless", provider)
                .addConvertTokenMapper("keyless", Map.of("allowedClients", "*", "signals", "true"));
        api.hold(
                "signal",
                signal("keyless").body("application/secevent+jwt", event).post().expect(503));
        admin.updateRealm(realm.name(), Map.of("sslRequired", "all"));
        try {
            api.hold("deletionPage", realm.call(page).get().expect(403));
        } finally {
            admin.updateRealm(realm.name(), Map.of("sslRequired", "none"));
        }
    }

    private static Call signal(String backend) {
        return realm.call("/auth/signals/" + backend);
    }

    private static JwtBuilder signed(String type) {
        return new JwtBuilder(provider, PERSON)
                .type(type)
                .noSubject()
                .claim("jti", UUID.randomUUID().toString());
    }

    private static String revocationToken() {
        return signed("global-token-revocation+jwt")
                .audience(realm.uri("/auth/signals/signalling").toString())
                .mint();
    }

    private static Map<String, String> signedRequest() {
        String payload = Jwts.encode("{\"algorithm\":\"HMAC-SHA256\",\"issued_at\":1,\"user_id\":\"1\"}");
        String signature = Base64.getUrlEncoder().withoutPadding().encodeToString(Sender.hmac(payload, "app-secret"));
        return Map.of("signed_request", signature + "." + payload);
    }

    // bodies, transport

    @Test
    void otherContentTypesAreRefused() {
        POSTS.keySet().stream()
                .filter(id -> !id.equals("tokenEndpoint") && !id.equals("signal"))
                .forEach(id -> api.hold(
                        id,
                        call(id).bearer(adminBearer())
                                .body("text/plain", "x")
                                .post()
                                .expect(415)));
    }

    @Test
    void bodiesMayBeTooLarge() {
        String huge = "token=" + "x".repeat(TOO_LARGE);

        POSTS.keySet()
                .forEach(id -> api.hold(
                        id,
                        call(id).bearer(adminBearer()).body(FORM, huge).post().expect(413)));
    }

    @Test
    void httpsIsWhatTheRealmWants() {
        admin.updateRealm(realm.name(), Map.of("sslRequired", "all"));
        try {
            POSTS.keySet().stream()
                    .filter(id -> !POSTS.getOrDefault(id, "").startsWith("/admin/"))
                    .forEach(id -> api.hold(
                            id, call(id).bearer("t").param("token", "t").post().expect(403)));
            for (Map.Entry<String, String> document : Map.of(
                            "docs",
                            "docs",
                            "explainPage",
                            "docs/explain",
                            "openApiJson",
                            "openapi.json",
                            "openApiYaml",
                            "openapi.yaml")
                    .entrySet()) {
                api.hold(
                        document.getKey(),
                        realm.call("/auth/" + document.getValue()).get().expect(403));
            }
        } finally {
            admin.updateRealm(realm.name(), Map.of("sslRequired", "none"));
        }
    }

    /** As form, in parts and as JSON, where all are taken: the request is as described (one schema for both), and so is the answer. */
    private static Answer answers(
            String id, int status, @Nullable String error, TestClient client, Map<String, String> parameters) {
        Answer answer =
                hold(id, status, error, parameters, () -> call(id).as(client).params(parameters));
        if (!id.equals("tokenEndpoint")) {
            api.hold(id, call(id).as(client).params(parameters).postJson());
            api.hold(id, call(id).as(client).params(parameters).postMultipart());
        }
        return answer;
    }

    private static Answer answersTo(
            String id, int status, @Nullable String error, String bearer, Map<String, String> parameters) {
        return hold(id, status, error, parameters, () -> call(id).bearer(bearer).params(parameters));
    }

    private static Answer hold(
            String id, int status, @Nullable String error, Map<String, String> parameters, Supplier<Call> call) {
        if (!parameters.getOrDefault("backend", "").equals("none")) {
            for (String type : id.equals("tokenEndpoint") ? List.of(FORM) : List.of(FORM, MULTIPART)) {
                assertThat(api.errorsOfForm(id, type, parameters)).as(id).isEmpty();
            }
        }
        Answer answer = api.hold(id, call.get().post().expect(status));
        if (error != null) {
            assertThat(answer.error()).as(id).isEqualTo(error);
        }
        return answer;
    }

    private static Call call(String id) {
        return callTo(POSTS.getOrDefault(id, "").replace("{person}", personId));
    }

    private static Call callTo(String path) {
        return realm.keycloak().call(path.replace("{realm}", realm.name()));
    }

    private static String bearer() {
        return signIn(TestRealm.APP).accessToken();
    }

    private static Answer signIn(TestClient client) {
        return realm.signIn(client, PERSON);
    }

    /** Of a client whose tokens carry no role of the client {@code account}. */
    private static String powerlessBearer() {
        return signIn(narrow).accessToken();
    }

    private static String adminBearer() {
        return callTo("/realms/master/protocol/openid-connect/token")
                .params(Map.of("client_id", "admin-cli", "grant_type", "password"))
                .params(Map.of("username", "admin", "password", "admin"))
                .post()
                .expect(200)
                .accessToken();
    }

    private static JsonNode document() {
        return realm.call("/auth/openapi.json").get().expect(200).json();
    }

    private static Map<String, String> posts() {
        Map<String, String> posts = new LinkedHashMap<>();
        posts.put("convertToken", "/realms/{realm}/auth/convert-token");
        posts.put("token", "/realms/{realm}/auth/token");
        posts.put("tokenEndpoint", "/realms/{realm}/protocol/openid-connect/token");
        posts.put("revokeToken", "/realms/{realm}/auth/revoke-token");
        posts.put("invalidateSessions", "/realms/{realm}/auth/invalidate-sessions");
        posts.put("invalidateRefreshTokens", "/realms/{realm}/auth/invalidate-refresh-tokens");
        posts.put("connectBackend", "/realms/{realm}/auth/connect-backend");
        posts.put("disconnectBackend", "/realms/{realm}/auth/disconnect-backend");
        posts.put("signal", "/realms/{realm}/auth/signals/social");
        posts.put("invalidateSessionsOfUser", "/admin/realms/{realm}/auth/users/{person}/invalidate-sessions");
        posts.put(
                "invalidateRefreshTokensOfUser", "/admin/realms/{realm}/auth/users/{person}/invalidate-refresh-tokens");
        posts.put("checkBackend", "/admin/realms/{realm}/auth/backends/social/check");
        posts.put("explainConversion", "/admin/realms/{realm}/auth/backends/social/explain");
        return posts;
    }
}
