// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.HalfSentBody;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints under {@code /realms/{realm}/auth}: bodies, errors, origins, delegation. */
@ExtendWith(KeycloakExtension.class)
class EndpointsIT {

    private static final Duration STORED = Duration.ofSeconds(20);

    private static TestRealm realm;
    private static FakeProvider provider;

    @BeforeAll
    static void backend(TestRealm testRealm, FakeProvider fakeProvider) {
        realm = testRealm;
        provider = fakeProvider;
        realm.addOidcProvider("social", provider).addConvertTokenMapper("social", Map.of("allowedClients", "*"));
    }

    // bodies

    @ParameterizedTest
    @ValueSource(strings = {"/auth/token", "/auth/convert-token", "/auth/revoke-token"})
    void whatIsNeitherFormNorJsonIsRefusedCleanly(String path) {
        for (String type : new String[] {"text/plain", "application/xml", "application/octet-stream"}) {
            Answer answer = realm.call(path).body(type, "backend=social").post();

            assertThat(answer.expect(415).error()).isEqualTo("invalid_request");
            assertThat(answer.header("Content-Type")).hasValue("application/json");
        }
    }

    /** curl sends whatever it is given as a form. */
    @ParameterizedTest
    @MethodSource("io.converttoken.keycloak.testing.TestRealm#posts")
    void jsonThatIsSentAsAFormIsNamed(String endpoint) {
        Answer answer = anybodys("/auth/" + endpoint)
                .body("application/x-www-form-urlencoded", "{\"client_id\": \"mobile\", \"token\": \"a=b&c\"}")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription())
                .isEqualTo("The body looks like JSON, and its Content-Type says that it is a form");
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "convert-token", "revoke-token", "invalidate-sessions"})
    void parametersInTheQueryAreNamed(String endpoint) {
        Answer answer = anybodys("/auth/" + endpoint + "?client_id=mobile&backend=social")
                .body("application/x-www-form-urlencoded", "")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        assertThat(answer.errorDescription()).isEqualTo("Send the parameters in the body, not in the query");
    }

    @Test
    void missingBearerTokenIsNamed() {
        Answer missing = realm.call("/auth/invalidate-sessions")
                .param("client_id", "app")
                .post();
        Answer bad = realm.call("/auth/invalidate-sessions")
                .bearer("t")
                .param("client_id", "app")
                .post();

        assertThat(missing.expect(401).error()).isEqualTo("invalid_token");
        assertThat(missing.errorDescription()).isEqualTo("Bearer token is missing");
        assertThat(bad.expect(401).errorDescription()).isEqualTo("Bearer token is not valid");
    }

    /** PostgreSQL does not take it, and no parameter needs it. */
    @ParameterizedTest
    @MethodSource("io.converttoken.keycloak.testing.TestRealm#posts")
    void nulIsRefused(String endpoint) {
        for (String name : new String[] {"token", "client_id", "a\0b"}) {
            Answer form = anybodys("/auth/" + endpoint).param(name, "a\0").post();
            Answer json = anybodys("/auth/" + endpoint).param(name, "a\0").postJson();

            assertThat(form.expect(400).error()).isEqualTo("invalid_request");
            assertThat(json.expect(400).error()).isEqualTo("invalid_request");
        }
    }

    /** Who calls is asked first where somebody shows a token. */
    private static Call anybodys(String path) {
        return realm.call(path).bearer(realm.signInAlice(TestRealm.APP).accessToken());
    }

    /** By these Keycloak looks the client up before anything else is read. */
    @ParameterizedTest
    @ValueSource(strings = {"token", "convert-token", "revoke-token"})
    void nulIsRefusedInTheCredentialsOfAClient(String endpoint) {
        String assertion = provider.idToken(Person.unknown())
                .issuer("app")
                .claim("sub", "app\0")
                .mint();

        Answer basic = realm.call("/auth/" + endpoint).basic("app\0", "secret").post();
        Answer asserted = realm.call("/auth/" + endpoint)
                .param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .param("client_assertion", assertion)
                .post();
        Answer noJwt = realm.call("/auth/" + endpoint)
                .param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .param("client_assertion", "x.y.z")
                .post();

        assertThat(basic.expect(400).error()).isEqualTo("invalid_request");
        assertThat(asserted.expect(400).error()).isEqualTo("invalid_request");
        assertThat(noJwt.status()).isBetween(400, 401);
    }

    @Test
    void nulIsRefusedByTheGrantAtKeycloaksEndpointToo() {
        Answer answer = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "convert_token")
                .param("backend", "social\0")
                .param("token", "t")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mobile", "app"})
    void formInPartsIsTakenAsAForm(String clientId) {
        Call call = realm.convertTokenEndpoint()
                .param("client_id", clientId)
                .param("grant_type", "convert_token")
                .param("backend", "social")
                .param("token", provider.idToken(Person.unknown()).mint());
        if (clientId.equals("app")) {
            call.param("client_secret", "app-secret");
        }

        assertThat(call.postMultipart().expect(200).accessToken()).isNotEmpty();
    }

    @Test
    void everyCallTakesAFormInParts() {
        Person person = Person.unknown();
        realm.addUser(person);
        Answer tokens = realm.signIn(TestRealm.APP, person.username(), person.username());
        String identity = provider.idToken(Person.unknown()).mint();

        realm.call("/auth/token")
                .as(TestRealm.APP)
                .param("grant_type", "refresh_token")
                .param("refresh_token", tokens.refreshToken())
                .postMultipart()
                .expect(200);
        bearers("connect-backend", tokens)
                .param("backend", "social")
                .param("token", identity)
                .postMultipart()
                .expect(204);
        bearers("disconnect-backend", tokens)
                .param("backend", "social")
                .postMultipart()
                .expect(204);
        bearers("invalidate-refresh-tokens", tokens)
                .param("client_id", "app")
                .postMultipart()
                .expect(204);
        realm.call("/auth/revoke-token")
                .param("client_id", "app")
                .param("client_secret", "app-secret")
                .param("token", realm.signInAlice(TestRealm.APP).refreshToken())
                .postMultipart()
                .expect(200);
        bearers("invalidate-sessions", tokens)
                .param("client_id", "app")
                .postMultipart()
                .expect(204);
        bearers("invalidate-sessions", tokens)
                .param("client_id", "app")
                .postMultipart()
                .expect(401);
    }

    private static Call bearers(String endpoint, Answer tokens) {
        return realm.call("/auth/" + endpoint).bearer(tokens.accessToken());
    }

    @ParameterizedTest
    @ValueSource(strings = {"backend", "token", "client_id", "client_secret"})
    void repeatedPartIsJudgedAsARepeatedParameter(String repeated) {
        Answer form = repeating(repeated).post();
        Answer parts = repeating(repeated).postMultipart();

        assertThat(parts.status()).isEqualTo(form.status()).isIn(400, 401);
        assertThat(parts.text()).isEqualTo(form.text());
    }

    private static Call repeating(String repeated) {
        return realm.convertTokenEndpoint()
                .param("client_id", "app")
                .param("client_secret", "app-secret")
                .param("backend", "social")
                .param("token", "t")
                .param(repeated, "again");
    }

    /** What is no form of named parts of plain text. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "broken",
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb",
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x",
                "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nb\r\n--x--\r\n",
                "--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--\r\n",
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/html\r\n\r\nb\r\n--x--\r\n"
            })
    void whatIsNoFormOfPlainTextPartsIsRefused(String body) {
        for (String path : new String[] {"/auth/token", "/auth/convert-token", "/auth/revoke-token"}) {
            Answer answer = realm.call(path)
                    .body("multipart/form-data; boundary=x", body)
                    .post();

            assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
            assertThat(answer.errorDescription()).isEqualTo("Body is not a form of plain text parts");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data",
                "multipart/form-data; boundary=\"\"",
                "multipart/form-data; boundary=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            })
    void boundaryIsNeeded(String type) {
        Answer answer = realm.convertTokenEndpoint().body(type, "--x--").post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"invalidate-sessions", "invalidate-refresh-tokens", "connect-backend", "disconnect-backend"})
    void strangerDoesNotHearWhatIsWrongWithItsParts(String endpoint) {
        Answer answer = realm.call("/auth/" + endpoint)
                .bearer("garbage")
                .body("multipart/form-data; boundary=x", "broken")
                .post();

        assertThat(answer.expect(401).error()).isEqualTo("invalid_token");
    }

    /** Keycloak stores files of strangers at every endpoint of its own, and deletes them when the call is over. */
    @Test
    void fileOfAStrangerIsNotStored() {
        assumeTrue(KeycloakServer.isDistribution(), "the server's temporary files are here");
        String ours = "ours-" + UUID.randomUUID();
        String keycloaks = "keycloaks-" + UUID.randomUUID();

        try (HalfSentBody before = halfSentFile("/auth/convert-token", ours);
                HalfSentBody after = halfSentFile("/protocol/openid-connect/token", keycloaks)) {
            Await.until(
                    "Keycloak has stored the file of " + after + ", which came after " + before,
                    STORED,
                    () -> isStored(keycloaks));

            assertThat(isStored(ours)).isFalse();
        }
    }

    private static HalfSentBody halfSentFile(String path, String content) {
        String part = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + content;
        return HalfSentBody.to(realm.uri(path), "multipart/form-data; boundary=x", 100_000, part + "-".repeat(8_000));
    }

    private static boolean isStored(String content) {
        Path uploads = Path.of(System.getProperty("java.io.tmpdir"), "uploads");
        try (Stream<Path> files = Files.list(uploads)) {
            return files.anyMatch(file -> contains(file, content));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean contains(Path file, String content) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(content);
        } catch (IOException deletedMeanwhile) {
            return false;
        }
    }

    /** The platform's own parser gives up on a form of more than a thousand parameters. */
    @Test
    void formOfAThousandParametersIsAnsweredAsByKeycloaksTokenEndpoint() {
        String form = "a=&".repeat(1001);
        String type = "application/x-www-form-urlencoded";
        int core = realm.tokenEndpoint().body(type, form).post().status();

        assertThat(realm.convertTokenEndpoint().body(type, form).post().status())
                .isEqualTo(core);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "null",
                "1",
                "{",
                "{} {}",
                "{\"token\":{}}",
                "{\"token\":[\"a\"]}",
                "{\"token\":\"a\",\"token\":\"b\"}"
            })
    void bodyThatIsNoObjectOfPlainValuesIsRefused(String body) {
        for (String path : new String[] {"/auth/token", "/auth/convert-token", "/auth/revoke-token"}) {
            Answer answer = realm.call(path).body("application/json", body).post();

            assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
        }
    }

    @Test
    void nullInJsonIsAnAbsentParameter() {
        Answer answer = realm.convertTokenEndpoint()
                .json(new java.util.HashMap<>() {
                    private static final long serialVersionUID = 1L;

                    {
                        put("client_id", "mobile");
                        put("backend", "social");
                        put("token", provider.idToken(Person.unknown()).mint());
                        put("scope", null);
                    }
                })
                .post();

        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"backend", "token"})
    void everyParameterIsNeeded(String missing) {
        for (String value : new String[] {null, ""}) {
            var call = realm.convertTokenEndpoint().as(TestRealm.APP);
            for (String name : new String[] {"backend", "token"}) {
                if (!name.equals(missing)) {
                    call.param(name, "social");
                } else if (value != null) {
                    call.param(name, value);
                }
            }

            Answer answer = call.post();

            assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
            assertThat(answer.errorDescription()).isEqualTo("Missing parameter: " + missing);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"backend", "token", "nonce", "token_type", "client_id", "grant_type"})
    void repeatedParameterIsRefused(String repeated) {
        Answer answer = realm.convertTokenEndpoint()
                .param("client_id", "mobile")
                .param("grant_type", "convert_token")
                .param("backend", "social")
                .param("token", provider.idToken(Person.unknown()).mint())
                .param("nonce", "n")
                .param("token_type", "id_token")
                .param(repeated, "again")
                .post();

        assertThat(answer.status()).isIn(400, 401);
        assertThat(answer.error()).isIn("invalid_request", "invalid_client");
    }

    @ParameterizedTest
    @CsvSource({"backend, 256", "nonce, 1025", "nonce, 5000", "token_type, 256", "token_type, 5000", "token, 20001"})
    void longParameterIsRefused(String name, int length) {
        Answer answer = realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .params(longParameter(name, length))
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_request");
    }

    private static Map<String, String> longParameter(String name, int length) {
        Map<String, String> parameters = new java.util.HashMap<>(Map.of("backend", "social", "token", "t"));
        parameters.put(name, "x".repeat(length));
        return parameters;
    }

    @Test
    void convertTokenTakesNoOtherGrant() {
        Answer answer = realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "password")
                .param("username", "alice")
                .param("password", "alice")
                .post();

        assertThat(answer.expect(400).error()).isEqualTo("unsupported_grant_type");
    }

    /** RFC 6749, section 3.2. */
    @Test
    void grantTypeWithoutAValueIsAsGoodAsLeftOut() {
        Answer answer = realm.convertTokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "")
                .param("backend", "social")
                .param("token", provider.idToken(Person.unknown()).mint())
                .post();

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void getIsNotAllowed() {
        assertThat(realm.convertTokenEndpoint().get().status()).isEqualTo(405);
    }

    // clients

    @Test
    void badlyAuthenticatedClientIsRefusedAsKeycloakDoesIt() {
        String token = provider.idToken(Person.unknown()).mint();
        for (TestClient client : new TestClient[] {
            TestClient.confidential("app", "wrong"), TestClient.publicClient("app"), TestClient.publicClient("nobody")
        }) {
            Answer ours = realm.convertTokenEndpoint()
                    .as(client)
                    .param("backend", "social")
                    .param("token", token)
                    .post();
            Answer core = realm.tokenEndpoint()
                    .as(client)
                    .param("grant_type", "client_credentials")
                    .post();

            assertThat(ours.status()).isEqualTo(core.status()).isEqualTo(401);
            assertThat(ours.error()).isEqualTo(core.error());
        }
    }

    @Test
    void clientThatSaysNothingOfItselfIsRefused() {
        Answer answer = realm.convertTokenEndpoint()
                .param("backend", "social")
                .param("token", "t")
                .post();

        assertThat(answer.expect(401).error()).isEqualTo("invalid_client");
    }

    @Test
    void clientAuthenticatesByHeaderBesideAJsonBody() {
        Answer answer = realm.convertTokenEndpoint()
                .basic("app", "app-secret")
                .param("backend", "social")
                .param("token", provider.idToken(Person.unknown()).mint())
                .postJson();

        assertThat(answer.status()).isEqualTo(200);
    }

    // other grants

    @Test
    void tokenTakesEveryGrantOfTheRealm() {
        Answer password = realm.call("/auth/token")
                .as(TestRealm.APP)
                .param("grant_type", "password")
                .param("username", "alice")
                .param("password", "alice")
                .post();
        Answer refresh = realm.call("/auth/token")
                .param("client_id", "app")
                .param("client_secret", "app-secret")
                .param("grant_type", "refresh_token")
                .param("refresh_token", password.refreshToken())
                .postJson();
        Answer unknown = realm.call("/auth/token")
                .as(TestRealm.APP)
                .param("grant_type", "no_such_grant")
                .post();

        assertThat(refresh.expect(200).accessToken()).isNotEmpty();
        assertThat(unknown.expect(400).error()).isEqualTo("unsupported_grant_type");
    }

    @Test
    void authorizeSendsTheBrowserOnWithItsQuery() {
        Answer answer = realm.call("/auth/authorize")
                .param("client_id", "app")
                .param("response_type", "code")
                .param("state", "a b&c=ä")
                .get();

        assertThat(answer.status()).isEqualTo(302);
        String location = answer.header("Location").orElseThrow();
        assertThat(location)
                .startsWith(realm.uri("/protocol/openid-connect/auth").toString() + "?")
                .contains("client_id=app", "response_type=code", "state=a");
        assertThat(io.converttoken.keycloak.testing.Call.to(java.net.URI.create(location))
                        .get()
                        .status())
                .isIn(200, 400);
    }

    @Test
    void nothingMayBeCached() {
        String token = realm.signInAlice(TestRealm.APP).accessToken();

        for (Answer answer : new Answer[] {
            realm.call("/auth/convert-token")
                    .as(TestRealm.APP)
                    .param("backend", "x")
                    .post(),
            realm.call("/auth/convert-token").body("application/json", "x").post(),
            realm.call("/auth/convert-token").body("text/plain", "x").post(),
            realm.call("/auth/token").as(TestRealm.APP).param("grant_type", "x").post(),
            realm.call("/auth/revoke-token")
                    .as(TestRealm.APP)
                    .param("token", "x")
                    .post(),
            realm.call("/auth/revoke-token").bearer("x").post(),
            realm.call("/auth/revoke-token").bearer(token).post(),
            realm.call("/auth/authorize").get()
        }) {
            assertThat(answer.headers().allValues("Cache-Control"))
                    .as("%s", answer)
                    .hasSize(1);
            assertThat(answer.header("Cache-Control"))
                    .hasValueSatisfying(value -> assertThat(value).contains("no-store"));
        }
    }

    // origins

    @ParameterizedTest
    @ValueSource(strings = {"/auth/token", "/auth/convert-token", "/auth/revoke-token"})
    void preflightAllowsTheOrigin(String path) {
        Answer answer = realm.call(path)
                .header("Origin", TestRealm.WEB_ORIGIN)
                .header("Access-Control-Request-Method", "POST")
                .options();

        assertThat(answer.expect(200).header("Access-Control-Allow-Origin")).hasValue(TestRealm.WEB_ORIGIN);
        assertThat(answer.header("Access-Control-Allow-Methods"))
                .hasValueSatisfying(methods -> assertThat(methods).contains("POST"));
    }

    @Test
    void originOfTheClientMayReadAnswersAndErrors() {
        for (String token : new String[] {provider.idToken(Person.unknown()).mint(), "garbage"}) {
            Answer answer = realm.convertTokenEndpoint()
                    .as(TestRealm.MOBILE)
                    .header("Origin", TestRealm.WEB_ORIGIN)
                    .param("backend", "social")
                    .param("token", token)
                    .post();

            assertThat(answer.header("Access-Control-Allow-Origin")).hasValue(TestRealm.WEB_ORIGIN);
        }
    }

    @Test
    void anotherOriginGetsNothing() {
        Answer answer = realm.convertTokenEndpoint()
                .as(TestRealm.MOBILE)
                .header("Origin", "http://evil.example")
                .param("backend", "social")
                .param("token", provider.idToken(Person.unknown()).mint())
                .post();

        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        assertThat(answer.expect(403).errorDescription())
                .isEqualTo("Invalid origin: add it to the Web origins of the client");
    }

    // revocation

    @Test
    void clientRevokesItsTokens() {
        Answer tokens = realm.signInAlice(TestRealm.APP);

        Answer access = realm.call("/auth/revoke-token")
                .as(TestRealm.APP)
                .param("token", tokens.accessToken())
                .post();
        assertThat(access.status()).isEqualTo(200);
        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
        assertThat(realm.refresh(TestRealm.APP, tokens.refreshToken()).status()).isEqualTo(200);

        Answer refresh = realm.call("/auth/revoke-token")
                .param("client_id", "app")
                .param("client_secret", "app-secret")
                .param("token", tokens.refreshToken())
                .postJson();
        assertThat(refresh.status()).isEqualTo(200);
        assertThat(realm.refresh(TestRealm.APP, tokens.refreshToken()).error()).isEqualTo("invalid_grant");
    }

    @Test
    void bearerAloneRevokesItself() {
        Answer tokens = realm.signInAlice(TestRealm.APP);
        realm.clearEvents();

        Answer answer =
                realm.call("/auth/revoke-token").bearer(tokens.accessToken()).post();

        assertThat(answer.status()).isEqualTo(200);

        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
        assertThat(realm.event("REVOKE_GRANT").clientId()).isEqualTo("app");
        Answer again =
                realm.call("/auth/revoke-token").bearer(tokens.accessToken()).post();
        assertThat(again.expect(401).error()).isEqualTo("invalid_token");
        assertThat(again.header("WWW-Authenticate"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
    }

    @Test
    void bearerOfAClientRevokesItselfAsInDjango() {
        Answer tokens = realm.signInAlice(TestRealm.MOBILE);

        Answer answer = realm.call("/auth/revoke-token")
                .bearer(tokens.accessToken())
                .param("client_id", "mobile")
                .post();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(401);
    }

    @Test
    void clientDoesNotRevokeTheTokensOfAnother() {
        Answer tokens = realm.signInAlice(TestRealm.APP);

        Answer answer = realm.call("/auth/revoke-token")
                .as(TestRealm.MOBILE)
                .param("token", tokens.accessToken())
                .post();

        assertThat(answer.status()).isEqualTo(400);
        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(200);
    }

    @Test
    void whatIsNoAccessTokenRevokesNothing() {
        Answer tokens = realm.signInAlice(TestRealm.APP);
        for (String bearer : new String[] {tokens.refreshToken(), tokens.idToken(), "garbage", ""}) {
            Answer answer = realm.call("/auth/revoke-token").bearer(bearer).post();

            assertThat(answer.status()).isEqualTo(401);
        }
        assertThat(realm.userInfo(tokens.accessToken()).status()).isEqualTo(200);
    }
}
