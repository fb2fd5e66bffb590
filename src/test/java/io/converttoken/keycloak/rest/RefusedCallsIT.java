// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Inside;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every endpoint, for every reason to refuse: the answer, the event, and that nothing has changed, in the database, in the
 * user cache and in the single-use store.
 */
class RefusedCallsIT {

    private static final String FOREIGN_ORIGIN = "http://evil.example";
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final Duration STORED = Duration.ofSeconds(5);
    private static final Person ADMINS_USER = Person.named("somebody").withEmail("somebody@realm.example");

    private static final TestClient NARROW = TestClient.confidential("narrow", "narrow-secret");

    /** A line of a stack trace, or one that is logged as an error. */
    private static final Pattern ALARM = Pattern.compile("(?m)^\\s+at [a-z]|^Caused by: |^[\\d-]+ [\\d:,]+ ERROR ");

    private static final String END_OF_PARTS = "--x--\r\n";

    private static final List<String> BEARER = List.of(
            "invalidate-sessions",
            "invalidate-refresh-tokens",
            "connect-backend",
            "disconnect-backend",
            "revoke-token");

    /** Endpoints of a client that says who it is. */
    private static final List<String> CLIENT = List.of("convert-token", "token", "revoke-token by client");

    private static final List<String> ADMIN = List.of("admin invalidate-sessions", "admin invalidate-refresh-tokens");

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static KeycloakServer server;

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static FakeProvider provider;

    @SuppressWarnings("NullAway.Init")
    private static TestRealm realm;

    /** Wants TLS, which the tests do not speak. */
    @SuppressWarnings("NullAway.Init")
    private static TestRealm secure;

    @SuppressWarnings("NullAway.Init")
    private static TestRealm disabled;

    @SuppressWarnings("NullAway.Init")
    private static AdminApi admin;

    @SuppressWarnings("NullAway.Init")
    private static String bearerOfSecure;

    @SuppressWarnings("NullAway.Init")
    private static String bearerOfDisabled;

    @BeforeAll
    static void start() {
        assumeTrue(KeycloakServer.isDistribution(), "the server is started from the distribution, with two JARs");
        server = KeycloakServer.startBesides(
                List.of(Inside.extension()),
                List.of("--spi-identity-provider-mapper--convert-token--failures-per-minute=0"),
                "keycloak-it-refused.log");
        provider = FakeProvider.start();
        admin = server.admin();
        realm = prepared();
        secure = prepared();
        disabled = prepared();
        bearerOfSecure = bearer(secure, TestRealm.ALICE);
        bearerOfDisabled = bearer(disabled, TestRealm.ALICE);
        admin.updateRealm(secure.name(), Map.of("sslRequired", "all"));
        admin.updateRealm(disabled.name(), Map.of("enabled", false));
    }

    @BeforeEach
    void providerAnswers() {
        provider.reset();
    }

    /**
     * A reason to refuse a call.
     *
     * @param of what is asked
     * @param why in words
     * @param call made before the state is looked at, so that what it needs is there
     * @param send as a form, or in another way
     * @param event type and error, empty where there is no event because nothing of ours was called
     */
    private record Row(
            TestRealm in,
            String of,
            String why,
            Supplier<Call> call,
            Function<Call, Answer> send,
            int status,
            String error,
            String event) {

        /** Before it knows the client, Keycloak's token endpoint tells every origin of its errors. */
        boolean isKeycloaksOwn() {
            return why.startsWith("client");
        }

        @Override
        public String toString() {
            return of + ": " + why;
        }
    }

    /** Once from nowhere, and once from a page that could not have read the success, and reads no error either. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void nothingHasHappenedAndTheEventSaysWhy(Row row) {
        Call call = row.call().get();
        Call ofForeignPage = row.call().get().header("Origin", FOREIGN_ORIGIN);
        TestRealm asked = row.in();
        admin.clearEvents(asked.name());
        admin.clearAdminEvents(asked.name());
        Inside before = Inside.of(asked);
        int logged = server.log().length();

        Answer answer = row.send().apply(call);
        Inside after = Inside.of(asked);
        // asked by the administrator, who may have to sign in again for it
        String event = row.event().isEmpty() ? "" : event(row);
        Inside beforeForeign = Inside.of(asked);
        Answer foreign = row.send().apply(ofForeignPage);

        assertThat(answer.status()).as("%s", answer).isEqualTo(row.status());
        assertThat(foreign.status()).as("%s", foreign).isBetween(400, 499);
        assertThat(after).isEqualTo(before);
        assertThat(Inside.of(asked)).isEqualTo(beforeForeign);
        assertThat(server.log().substring(logged)).doesNotContainPattern(ALARM);
        assertThat(event).contains(row.event());
        if (row.status() != METHOD_NOT_ALLOWED) {
            assertThat(answer.header("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
            assertThat(answer.error()).isEqualTo(row.error());
        }
        if (!row.isKeycloaksOwn()) {
            assertThat(foreign.header("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"convert-token", "connect-backend"})
    void pageOfTheClientReadsWhenToComeAgain(String endpoint) {
        String token = provider.opaqueToken(Person.unknown()).mint();

        Answer answer = bringing(
                        endpoint, call -> call.param("backend", "broken").param("token", token))
                .header("Origin", TestRealm.WEB_ORIGIN)
                .post()
                .expect(503);

        assertThat(answer.header("Retry-After")).isPresent();
        assertThat(answer.header("Access-Control-Allow-Origin")).hasValue(TestRealm.WEB_ORIGIN);
        assertThat(answer.header("Access-Control-Expose-Headers"))
                .hasValueSatisfying(headers -> assertThat(headers).contains("Retry-After"));
    }

    /** Nobody needs a valid token to be told that it has expired. */
    @Test
    void pageOfTheClientReadsThatItsTokenIsNoLongerValid() {
        Answer answer = realm.call("/auth/invalidate-sessions")
                .bearer(revoked())
                .header("Origin", TestRealm.WEB_ORIGIN)
                .param("client_id", "app")
                .post()
                .expect(401);

        assertThat(answer.header("Access-Control-Allow-Origin")).hasValue(TestRealm.WEB_ORIGIN);
        assertThat(answer.header("Access-Control-Expose-Headers"))
                .hasValueSatisfying(headers -> assertThat(headers).contains("WWW-Authenticate"));
    }

    /** Else nothing above would say anything. */
    @ParameterizedTest
    @MethodSource("endpoints")
    void whatIsNotRefusedChangesSomething(String endpoint) {
        Call call = good(realm, endpoint);
        Inside before = Inside.of(realm);

        assertThat(call.post().status()).isBetween(200, 299);

        assertThat(Inside.of(realm)).isNotEqualTo(before);
    }

    /** Somebody who asks a thousand times why a token converts, or why it does not, has changed nothing. */
    @Test
    void thousandExplanationsChangeNothing() {
        Person known = Person.unknown();
        String username = realm.convert("social", provider.idToken(known).mint())
                .expect(200)
                .accessTokenClaims()
                .path("preferred_username")
                .asText();
        // of the same second, and another token all the same
        String signsIn = provider.idToken(known).claim("jti", "another").mint();
        String newcomer = provider.idToken(Person.unknown()).mint();
        String foreign = provider.idToken(Person.unknown()).audience("another").mint();
        Explained.of(realm, "social", signsIn).converts();
        Explained.of(realm, "denying", newcomer).refusesFor("access_denied", newcomer);
        Inside before = Inside.of(realm).withoutSessions();

        for (int i = 0; i < 200; i++) {
            Explained.of(realm, "social", signsIn).converts();
            Explained.of(realm, "social", newcomer).converts();
            Explained.of(realm, "forced", newcomer).converts();
            Explained.of(realm, "denying", newcomer).refusesFor("access_denied", newcomer);
            Explained.of(realm, "social", foreign).refusesFor("audience_mismatch", foreign);
        }

        assertThat(Inside.of(realm).withoutSessions()).isEqualTo(before);
        assertThat(admin.sessions(realm.name(), username)).hasSize(1);
        realm.convert("social", signsIn).expect(200);
    }

    private static String event(Row row) {
        boolean isAdmins = ADMIN.contains(row.of());
        return Await.untilPresent("an event of " + row, STORED, () -> isAdmins ? adminEvent(row) : userEvent(row));
    }

    private static Optional<String> userEvent(Row row) {
        List<UserEvent> events = admin.events(row.in().name());
        return events.stream()
                .filter(event -> !event.error().isEmpty())
                .findFirst()
                .map(event -> event.type() + " " + event.error() + " " + event.detail("reason"));
    }

    private static Optional<String> adminEvent(Row row) {
        return admin.adminEvents(row.in().name()).stream()
                .findFirst()
                .map(event -> event.path("operationType").asText() + " "
                        + event.path("error").asText());
    }

    static Stream<String> endpoints() {
        return Stream.of(BEARER, CLIENT, ADMIN).flatMap(List::stream);
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        endpoints().forEach(endpoint -> {
            rows.addAll(methods(endpoint));
            rows.addAll(bodies(endpoint));
        });
        BEARER.forEach(endpoint -> {
            rows.addAll(callers(endpoint, Call::post, type(endpoint)));
            rows.add(fromForeignPage(endpoint, "a foreign origin, in parts", Call::postMultipart));
        });
        rows.addAll(readers());
        CLIENT.forEach(endpoint -> rows.addAll(clients(endpoint)));
        ADMIN.forEach(endpoint -> rows.addAll(administrators(endpoint)));
        List.of("invalidate-sessions", "invalidate-refresh-tokens")
                .forEach(endpoint -> rows.addAll(applications(endpoint)));
        rows.addAll(disconnections());
        rows.addAll(grants());
        List.of("convert-token", "token", "connect-backend").forEach(endpoint -> {
            rows.addAll(parameters(endpoint));
            rows.addAll(backends(endpoint));
        });
        return rows.stream();
    }

    private static List<Row> methods(String endpoint) {
        return Stream.of("GET", "PUT", "DELETE", "PATCH")
                .map(method -> new Row(
                        realm,
                        endpoint,
                        "method " + method,
                        () -> good(realm, endpoint),
                        call -> call.send(method),
                        405,
                        "",
                        ""))
                .toList();
    }

    private static List<Row> bodies(String endpoint) {
        String event = invalidRequest(endpoint);
        return List.of(
                body(
                        endpoint,
                        "a large form",
                        "application/x-www-form-urlencoded",
                        "a=" + "a".repeat(130_000) + "&b=" + "a".repeat(130_000) + "&c=" + "a".repeat(130_000),
                        413,
                        event),
                body(endpoint, "a form of many", "application/x-www-form-urlencoded", "a=b&".repeat(200), 413, event),
                body(endpoint, "large JSON", "application/json", "{\"a\":\"" + "a".repeat(400_000) + "\"}", 413, event),
                body(endpoint, "JSON of many", "application/json", "{" + manyMembers() + "\"z\":1}", 413, event),
                body(endpoint, "deep JSON", "application/json", "{\"a\":" + "[".repeat(2_000), 400, event),
                body(endpoint, "no JSON", "application/json", "backend=social", 400, event),
                body(endpoint, "an empty body", "application/json", "", 400, event),
                body(endpoint, "another type", "text/plain", "backend=social", 415, event),
                parts(endpoint, "large parts", part("a", "a".repeat(300_000)) + END_OF_PARTS, 413, event),
                parts(endpoint, "many parts", part("a", "b").repeat(101) + END_OF_PARTS, 413, event),
                parts(endpoint, "parts that are cut off", part("client_id", "app"), 400, event),
                parts(
                        endpoint,
                        "a file among the parts",
                        part("client_id\"; filename=\"f", "app") + END_OF_PARTS,
                        400,
                        event),
                parts(endpoint, "U+0000 in a part", part("client_id", "app\0") + END_OF_PARTS, 400, event),
                body(endpoint, "U+0000", "application/json", "{\"client_id\":\"app\\u0000\"}", 400, event));
    }

    private static Row parts(String endpoint, String why, String body, int status, String event) {
        return body(endpoint, why, "multipart/form-data; boundary=x", body, status, event);
    }

    private static String part(String name, String value) {
        return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static String manyMembers() {
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            members.append("\"a").append(i).append("\":null,");
        }
        return members.toString();
    }

    private static Row body(String endpoint, String why, String type, String body, int status, String event) {
        return new Row(
                realm,
                endpoint,
                why,
                () -> caller(realm, endpoint).body(type, body),
                Call::post,
                status,
                "invalid_request",
                event);
    }

    /** Keycloak saves no event of this type unless it is chosen, so OwnSessionsIT looks at the event. */
    private static List<Row> readers() {
        String endpoint = "sessions";
        List<Row> rows = new ArrayList<>();
        for (Row row : callers(endpoint, Call::get, "")) {
            rows.add(new Row(row.in(), endpoint, row.why(), row.call(), row.send(), row.status(), row.error(), ""));
        }
        rows.add(new Row(
                realm,
                endpoint,
                "an unknown client",
                () -> realm.call("/auth/sessions?client_id=unheard-of").bearer(bearer(realm, TestRealm.ALICE)),
                Call::get,
                400,
                "invalid_request",
                ""));
        rows.add(new Row(
                realm,
                endpoint,
                "another application's, without the right",
                () -> realm.call("/auth/sessions?client_id=mobile").bearer(narrow()),
                Call::get,
                403,
                "insufficient_scope",
                ""));
        return rows;
    }

    private static List<Row> callers(String endpoint, Function<Call, Answer> send, String type) {
        List<Row> rows = new ArrayList<>();
        Map<String, Supplier<String>> tokens = Map.of(
                "no JWT", () -> "garbage",
                "a refresh token", () -> signIn(realm, TestRealm.ALICE).refreshToken(),
                "an ID token", () -> signIn(realm, TestRealm.ALICE).idToken(),
                "a token of another realm", () -> bearerOfSecure,
                "a revoked token", RefusedCallsIT::revoked,
                "the provider's token", () -> provider.idToken(Person.unknown()).mint());
        tokens.forEach((why, token) -> rows.add(new Row(
                realm,
                endpoint,
                why,
                () -> withParameters(
                        realm, endpoint, realm.call("/auth/" + endpoint).bearer(token.get())),
                send,
                401,
                "invalid_token",
                type + "_ERROR invalid_token")));
        if (!endpoint.equals("revoke-token")) {
            rows.add(new Row(
                    realm,
                    endpoint,
                    "nobody",
                    () -> withParameters(realm, endpoint, realm.call("/auth/" + endpoint)),
                    send,
                    401,
                    "invalid_token",
                    type + "_ERROR invalid_token"));
        }
        rows.add(fromForeignPage(endpoint, "a foreign origin", send));
        rows.add(new Row(
                secure,
                endpoint,
                "no TLS",
                () -> withParameters(
                        secure, endpoint, secure.call("/auth/" + endpoint).bearer(bearerOfSecure)),
                send,
                403,
                "invalid_request",
                type + "_ERROR ssl_required"));
        rows.add(new Row(
                disabled,
                endpoint,
                "a disabled realm",
                () -> withParameters(
                        disabled, endpoint, disabled.call("/auth/" + endpoint).bearer(bearerOfDisabled)),
                send,
                403,
                "access_denied",
                type + "_ERROR realm_disabled"));
        return rows;
    }

    private static List<Row> clients(String endpoint) {
        String path = "/auth/" + endpoint.replace(" by client", "");
        String type = type(endpoint);
        return List.of(
                new Row(
                        realm,
                        endpoint,
                        "client with a wrong secret",
                        () -> withParameters(realm, endpoint, realm.call(path).basic("app", "wrong")),
                        Call::post,
                        401,
                        "unauthorized_client",
                        type + "_ERROR invalid_client_credentials"),
                new Row(
                        realm,
                        endpoint,
                        "client that nobody knows",
                        () -> withParameters(realm, endpoint, realm.call(path).param("client_id", "unheard-of")),
                        Call::post,
                        401,
                        "invalid_client",
                        type + "_ERROR client_not_found"),
                fromForeignPage(endpoint, "a foreign origin", Call::post),
                fromForeignPage(endpoint, "a foreign origin, in parts", Call::postMultipart),
                new Row(
                        secure,
                        endpoint,
                        "client without TLS",
                        () -> withParameters(secure, endpoint, secure.call(path).as(TestRealm.APP)),
                        Call::post,
                        403,
                        "invalid_request",
                        type + "_ERROR invalid_request refused_by_keycloak"));
    }

    private static Row fromForeignPage(String endpoint, String what, Function<Call, Answer> send) {
        return new Row(
                realm,
                endpoint,
                what,
                () -> good(realm, endpoint).header("Origin", FOREIGN_ORIGIN + ":8080"),
                send,
                403,
                "invalid_request",
                type(endpoint) + "_ERROR not_allowed origin_not_allowed");
    }

    private static List<Row> administrators(String endpoint) {
        String operation = endpoint.replace("admin ", "");
        String users = "/users/" + idOf(ADMINS_USER) + "/" + operation;
        return List.of(
                new Row(
                        realm,
                        endpoint,
                        "no token",
                        () -> Call.to(server.base().resolve("/admin/realms/" + realm.name() + "/auth" + users)),
                        Call::post,
                        401,
                        "HTTP 401 Unauthorized",
                        ""),
                new Row(
                        realm,
                        endpoint,
                        "an unknown client",
                        () -> admin.call(realm.name() + "/auth" + users).param("client_id", "unheard-of"),
                        Call::post,
                        400,
                        "invalid_request",
                        "ACTION invalid_request"),
                new Row(
                        realm,
                        endpoint,
                        "a client named twice",
                        () -> admin.call(realm.name() + "/auth" + users)
                                .param("client_id", "app")
                                .param("client_id", "app"),
                        Call::post,
                        400,
                        "invalid_request",
                        "ACTION invalid_request"),
                new Row(
                        realm,
                        endpoint,
                        "an unknown user",
                        () -> admin.call(realm.name() + "/auth/users/nobody/" + operation),
                        Call::post,
                        404,
                        "User not found",
                        "ACTION user_not_found"),
                new Row(
                        realm,
                        endpoint,
                        "somebody without rights",
                        () -> Call.to(server.base().resolve("/admin/realms/" + realm.name() + "/auth" + users))
                                .bearer(bearer(realm, TestRealm.ALICE)),
                        Call::post,
                        403,
                        "HTTP 403 Forbidden",
                        "ACTION not_allowed"));
    }

    private static List<Row> applications(String endpoint) {
        Function<UnaryOperator<Call>, Supplier<Call>> alices =
                more -> () -> more.apply(realm.call("/auth/" + endpoint).bearer(bearer(realm, TestRealm.ALICE)));
        return List.of(
                refusedRequest(endpoint, "no client", alices.apply(call -> call)),
                refusedRequest(
                        endpoint, "an unknown client", alices.apply(call -> call.param("client_id", "unheard-of"))),
                refusedRequest(
                        endpoint,
                        "a client named twice",
                        alices.apply(call -> call.param("client_id", "app").param("client_id", "app"))),
                refusedRequest(endpoint, "a long name", alices.apply(call -> call.param("client_id", "a".repeat(256)))),
                refusedRequest(
                        endpoint,
                        "a flag that is none",
                        alices.apply(call -> call.param("client_id", "app").param("except_current", "yes"))),
                new Row(
                        realm,
                        endpoint,
                        "another application's, without the right",
                        () -> realm.call("/auth/" + endpoint).bearer(narrow()).param("client_id", "mobile"),
                        Call::post,
                        403,
                        "insufficient_scope",
                        "REVOKE_GRANT_ERROR not_allowed"));
    }

    private static List<Row> disconnections() {
        String endpoint = "disconnect-backend";
        Function<UnaryOperator<Call>, Supplier<Call>> alices =
                more -> () -> more.apply(realm.call("/auth/" + endpoint).bearer(bearer(realm, TestRealm.ALICE)));
        return List.of(
                refusedRequest(endpoint, "no backend", alices.apply(call -> call)),
                new Row(
                        realm,
                        endpoint,
                        "an unknown backend",
                        alices.apply(call -> call.param("backend", "unheard-of")),
                        Call::post,
                        400,
                        "invalid_request",
                        "REMOVE_FEDERATED_IDENTITY_ERROR unknown_identity_provider"),
                refusedRequest(
                        endpoint, "what is not connected", alices.apply(call -> call.param("backend", "denying"))),
                refusedRequest(
                        endpoint,
                        "another identity",
                        alices.apply(call -> call.param("backend", "social").param("association_id", "another"))),
                new Row(
                        realm,
                        endpoint,
                        "without the right",
                        () -> realm.call("/auth/" + endpoint).bearer(narrow()).param("backend", "social"),
                        Call::post,
                        403,
                        "insufficient_scope",
                        "REMOVE_FEDERATED_IDENTITY_ERROR not_allowed"),
                new Row(
                        realm,
                        "connect-backend",
                        "without the right",
                        () -> withParameters(
                                realm,
                                "connect-backend",
                                realm.call("/auth/connect-backend").bearer(narrow())),
                        Call::post,
                        403,
                        "insufficient_scope",
                        "FEDERATED_IDENTITY_LINK_ERROR not_allowed"));
    }

    private static List<Row> grants() {
        return List.of(
                new Row(
                        realm,
                        "convert-token",
                        "another grant",
                        () -> good(realm, "convert-token").param("grant_type", "password"),
                        Call::post,
                        400,
                        "unsupported_grant_type",
                        "LOGIN_ERROR invalid_request"),
                new Row(
                        realm,
                        "token",
                        "no grant",
                        () -> realm.call("/auth/token").as(TestRealm.APP),
                        Call::post,
                        400,
                        "invalid_request",
                        "LOGIN_ERROR invalid_request"),
                new Row(
                        realm,
                        "token",
                        "an unknown grant",
                        () -> realm.call("/auth/token").as(TestRealm.APP).param("grant_type", "unheard-of"),
                        Call::post,
                        400,
                        "unsupported_grant_type",
                        "LOGIN_ERROR"));
    }

    private static List<Row> parameters(String endpoint) {
        Map<String, UnaryOperator<Call>> mistakes = new LinkedHashMap<>();
        mistakes.put("no token", call -> call);
        mistakes.put("two tokens", call -> call.param("token", "x").param("token", "y"));
        mistakes.put("a long token", call -> call.param("token", "x".repeat(30_000)));
        mistakes.put("an unknown kind", call -> call.param("token", "x").param("token_type", "saml"));
        mistakes.put("a token and a code", call -> call.param("token", "x").param("code", "y"));
        mistakes.put("a short verifier", call -> call.param("code", "x").param("code_verifier", "short"));
        mistakes.put("another application", call -> call.param("code", "x").param("app_identifier", "another"));
        Stream<Row> rows = mistakes.entrySet().stream()
                .map(mistake -> refusedRequest(
                        endpoint,
                        mistake.getKey(),
                        () -> bringing(endpoint, call -> mistake.getValue().apply(call.param("backend", "social")))));
        Supplier<Call> withoutBackend = () -> bringing(endpoint, call -> call.param("token", "x"));
        return Stream.concat(rows, Stream.of(refusedRequest(endpoint, "no backend", withoutBackend)))
                .toList();
    }

    private static List<Row> backends(String endpoint) {
        String type = type(endpoint) + "_ERROR ";
        boolean isConnection = endpoint.equals("connect-backend");
        List<Row> rows = new ArrayList<>(List.of(
                bringing(
                        endpoint,
                        "an unknown backend",
                        "unheard-of",
                        () -> provider.idToken(Person.unknown()).mint(),
                        400,
                        "invalid_request",
                        type + "unknown_identity_provider"),
                bringing(
                        endpoint,
                        "a backend that is switched off",
                        "off",
                        () -> provider.idToken(Person.unknown()).mint(),
                        400,
                        "invalid_request",
                        type),
                bringing(
                        endpoint,
                        "a backend of another client",
                        "closed",
                        () -> provider.idToken(Person.unknown()).mint(),
                        400,
                        "unauthorized_client",
                        type + "not_allowed"),
                bringing(
                        endpoint,
                        "another application's token",
                        "social",
                        () -> provider.idToken(Person.unknown())
                                .audience("another")
                                .mint(),
                        400,
                        "invalid_grant",
                        type + "invalid_token"),
                bringing(
                        endpoint,
                        "an expired token",
                        "social",
                        () -> provider.idToken(Person.unknown())
                                .expiresIn(Duration.ofHours(-1))
                                .mint(),
                        400,
                        "invalid_grant",
                        type + "invalid_token"),
                bringing(
                        endpoint,
                        "no token at all",
                        "social",
                        () -> "garbage",
                        400,
                        "invalid_grant",
                        type + "invalid_token"),
                bringing(
                        endpoint,
                        "a name that is too long for its column",
                        "forced",
                        () -> longNamed(isConnection),
                        400,
                        "invalid_grant",
                        type),
                bringing(
                        endpoint,
                        "a provider that does not answer",
                        "broken",
                        () -> provider.opaqueToken(Person.unknown()).mint(),
                        503,
                        "temporarily_unavailable",
                        type + "identity_provider_unavailable")));
        if (!isConnection) {
            rows.addAll(List.of(
                    bringing(
                            endpoint,
                            "an address that is another's",
                            "forced",
                            () -> known(person -> person.withEmail(TestRealm.ALICE.email())),
                            400,
                            "invalid_grant",
                            type),
                    bringing(
                            endpoint,
                            "an address that is taken",
                            "social",
                            () -> provider.idToken(Person.unknown().withEmail(TestRealm.ALICE.email()))
                                    .mint(),
                            400,
                            "interaction_required",
                            type + "interaction_required"),
                    bringing(
                            endpoint,
                            "a flow that denies",
                            "denying",
                            () -> provider.idToken(Person.unknown()).mint(),
                            400,
                            "invalid_grant",
                            type + "access_denied"),
                    bringing(
                            endpoint,
                            "a disabled user",
                            "social",
                            RefusedCallsIT::ofDisabledUser,
                            400,
                            "invalid_grant",
                            type + "user_disabled")));
        }
        return rows;
    }

    private static Row bringing(
            String endpoint,
            String why,
            String backend,
            Supplier<String> token,
            int status,
            String error,
            String event) {
        return new Row(
                realm,
                endpoint,
                why,
                () -> bringing(endpoint, call -> call.param("backend", backend).param("token", token.get())),
                Call::post,
                status,
                error,
                event);
    }

    private static Call bringing(String endpoint, UnaryOperator<Call> parameters) {
        return parameters.apply(withGrant(endpoint, caller(realm, endpoint)));
    }

    private static Call withGrant(String endpoint, Call call) {
        return endpoint.equals("token") ? call.param("grant_type", "convert_token") : call;
    }

    private static Row refusedRequest(String endpoint, String why, Supplier<Call> call) {
        return new Row(realm, endpoint, why, call, Call::post, 400, "invalid_request", invalidRequest(endpoint));
    }

    private static String invalidRequest(String endpoint) {
        return ADMIN.contains(endpoint) ? "ACTION invalid_request" : type(endpoint) + "_ERROR invalid_request";
    }

    private static String type(String endpoint) {
        return switch (endpoint) {
            case "connect-backend" -> "FEDERATED_IDENTITY_LINK";
            case "disconnect-backend" -> "REMOVE_FEDERATED_IDENTITY";
            case "convert-token", "token" -> "LOGIN";
            default -> "REVOKE_GRANT";
        };
    }

    // calls

    /** One that is not refused. */
    private static Call good(TestRealm in, String endpoint) {
        return withParameters(in, endpoint, caller(in, endpoint));
    }

    private static Call caller(TestRealm in, String endpoint) {
        if (ADMIN.contains(endpoint)) {
            signIn(in, ADMINS_USER);
            return admin.call(in.name() + "/auth/users/" + idOf(ADMINS_USER) + "/" + endpoint.replace("admin ", ""));
        }
        if (endpoint.equals("disconnect-backend")) {
            connect();
        }
        return CLIENT.contains(endpoint)
                ? in.call("/auth/" + endpoint.replace(" by client", "")).as(TestRealm.APP)
                : in.call("/auth/" + endpoint).bearer(bearer(in, TestRealm.ALICE));
    }

    private static Call withParameters(TestRealm in, String endpoint, Call call) {
        return switch (endpoint) {
            case "invalidate-sessions",
                    "invalidate-refresh-tokens",
                    "admin invalidate-sessions",
                    "admin invalidate-refresh-tokens" -> call.param("client_id", "app");
            case "connect-backend", "convert-token", "token" ->
                withGrant(endpoint, call)
                        .param("backend", "other")
                        .param("token", provider.idToken(Person.unknown()).mint());
            case "disconnect-backend" -> call.param("backend", "social");
            case "revoke-token by client" -> call.param("token", in == realm ? bearer(in, TestRealm.ALICE) : "x");
            default -> call;
        };
    }

    /** So that there is something to disconnect, and to come back to. */
    private static void connect() {
        boolean isConnected = admin.federatedIdentities(realm.name(), TestRealm.ALICE.username()).stream()
                .anyMatch(link -> link.path("identityProvider").asText().equals("social"));
        if (!isConnected) {
            admin.addFederatedIdentity(realm.name(), TestRealm.ALICE.username(), "social", TestRealm.ALICE);
        }
    }

    private static Answer signIn(TestRealm in, Person person) {
        return in.signIn(TestRealm.APP, person);
    }

    private static String bearer(TestRealm in, Person person) {
        return signIn(in, person).accessToken();
    }

    /** Of a client that gets no roles of the account. */
    private static String narrow() {
        return realm.signIn(NARROW, TestRealm.ALICE.username(), TestRealm.ALICE.username())
                .expect(200)
                .accessToken();
    }

    private static String revoked() {
        String token = bearer(realm, TestRealm.ALICE);
        realm.call("/auth/revoke-token").bearer(token).post().expect(200);
        return token;
    }

    /** A token of somebody who is known to the backend, of which the provider says something else by now. */
    private static String known(UnaryOperator<Person> change) {
        Person person = Person.unknown();
        realm.addUser(person);
        admin.addFederatedIdentity(realm.name(), person.username(), "forced", person);
        return provider.idToken(change.apply(person)).mint();
    }

    /** Of somebody whom the backend knows, or does not know yet. */
    private static String longNamed(boolean isNew) {
        UnaryOperator<Person> renamed = person -> person.withNames("a".repeat(300), "b");
        return isNew ? provider.idToken(renamed.apply(Person.unknown())).mint() : known(renamed);
    }

    private static String ofDisabledUser() {
        Person person = Person.unknown();
        realm.addUser(person);
        admin.addFederatedIdentity(realm.name(), person.username(), "social", person);
        admin.updateUser(realm.name(), person.username(), Map.of("enabled", false));
        return provider.idToken(person).mint();
    }

    private static String idOf(Person person) {
        return admin.user(realm.name(), person.username()).path("id").asText();
    }

    private static TestRealm prepared() {
        TestRealm prepared = TestRealm.createIn(server);
        prepared.addUser(ADMINS_USER).allowAdminCalls(TestRealm.APP);
        prepared.addConfidentialClient(NARROW.clientId(), Map.of("fullScopeAllowed", false));
        admin.addClientRole(prepared.name(), TestRealm.ALICE.username(), "account", "manage-account");
        admin.createFlow(prepared.name(), "denying", "deny-access-authenticator", "REQUIRED");
        Map<String, String> once = Map.of("allowedClients", "*", "singleUse", "true");
        return prepared.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", once)
                .addOidcProvider("other", provider)
                .addConvertTokenMapper("other", once)
                .addOidcProvider("off", provider, Map.of("enabled", "false"))
                .addConvertTokenMapper("off", once)
                .addOidcProvider("closed", provider)
                .addConvertTokenMapper("closed", Map.of("allowedClients", "mobile"))
                .addOidcProvider("forced", provider, Map.of("syncMode", "FORCE"))
                .addConvertTokenMapper("forced", once)
                .addOidcProvider("broken", provider, Map.of("tokenIntrospectionUrl", "http://127.0.0.1:1/introspect"))
                .addConvertTokenMapper("broken", Map.of("allowedClients", "*"))
                .addOidcProvider("denying", provider, Map.of("postBrokerLoginFlowAlias", "denying"))
                .addConvertTokenMapper("denying", once);
    }
}
