// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/curl/google-signals.sh} against a stand-in of Google's API. */
class GoogleSignalsScriptIT {

    private static final String AUDIENCE =
            "https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService";

    private final RSAKey key = FakeProvider.foreignKey("key-of-the-account");
    private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer api = server();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path directory;

    private record Asked(String method, String path, String bearer, JsonNode body) {}

    @BeforeEach
    void start() {
        assumeTrue(isHere("jq") && isHere("openssl") && isHere("curl"), "jq, openssl or curl is not here");
        api.createContext("/v1beta/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getFirst("Authorization").replace("Bearer ", ""),
                    Json.parse(body)));
            byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        api.start();
    }

    @AfterEach
    void stop() {
        api.stop(0);
    }

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isHere(String command) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path, command)));
    }

    @Test
    void registersShowsAndVerifiesTheStream() throws Exception {
        run(0, "register", "https://keycloak.example/realms/demo/auth/signals/google");
        run(0, "show");
        run(0, "verify");

        assertThat(asked)
                .extracting(Asked::path)
                .containsExactly(
                        "/v1beta/stream:update",
                        "/v1beta/stream/status:update",
                        "/v1beta/stream",
                        "/v1beta/stream:verify");
        JsonNode stream = asked.get(0).body();
        assertThat(stream.at("/delivery/url").asText())
                .isEqualTo("https://keycloak.example/realms/demo/auth/signals/google");
        assertThat(stream.at("/delivery/delivery_method").asText())
                .isEqualTo("https://schemas.openid.net/secevent/risc/delivery-method/push");
        assertThat(stream.path("events_requested"))
                .extracting(JsonNode::asText)
                .contains(
                        "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked",
                        "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked")
                .hasSize(8);
        assertThat(asked.get(3).body().path("state").asText()).startsWith("verify-");
        for (Asked call : asked) {
            SignedJWT token = SignedJWT.parse(call.bearer());
            assertThat(token.verify(new RSASSAVerifier(key.toRSAPublicKey()))).isTrue();
            assertThat(token.getJWTClaimsSet().getAudience()).containsExactly(AUDIENCE);
            assertThat(token.getJWTClaimsSet().getIssuer())
                    .isEqualTo(token.getJWTClaimsSet().getSubject())
                    .isEqualTo("signals@project.example");
        }
    }

    @Test
    void saysHowItIsUsed() throws Exception {
        assertThat(run(2, "unknown")).contains("usage");
        assertThat(asked).isEmpty();
    }

    private String run(int expected, String... arguments) throws Exception {
        Path account = directory.resolve("account.json");
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(key.toRSAPrivateKey().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        Files.writeString(
                account,
                Json.write(Map.of(
                        "client_email",
                        "signals@project.example",
                        "private_key_id",
                        key.getKeyID(),
                        "private_key",
                        pem)));
        List<String> command = new ArrayList<>(List.of("sh", "examples/curl/google-signals.sh"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("GOOGLE_KEY", account.toString());
        builder.environment()
                .put("RISC_API", "http://127.0.0.1:" + api.getAddress().getPort() + "/v1beta");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(expected);
        assertThat(output).doesNotContain("PRIVATE KEY");
        return output;
    }
}
