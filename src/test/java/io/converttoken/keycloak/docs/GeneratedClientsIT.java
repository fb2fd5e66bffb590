// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.guides.Shell;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.DemoRealms;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that openapi-generator makes from the description that a server serves: they compile, and an app can use them as
 * they are.
 */
@ExtendWith(KeycloakExtension.class)
class GeneratedClientsIT {

    private static final Path DIRECTORY = Path.of("target", "openapi");

    /** Every generator in one process; it reads what is beside the description's own directory. */
    private static final String GENERATE = """
            rm -rf target/openapi/clients
            cd target/openapi
            "$JAVA_HOME/bin/java" -jar lib/generator/*.jar batch --threads 2 --fail-fast ../../src/test/openapi/*/client.yaml
            """;

    @AutoClose
    private static DemoRealms realms;

    @BeforeAll
    static void generate(KeycloakServer server) throws IOException {
        realms = DemoRealms.importInto(server);
        assumeTrue(KeycloakServer.isDistribution(), "the description is the same in a container");
        Files.createDirectories(DIRECTORY);
        Files.writeString(
                DIRECTORY.resolve("openapi.json"),
                realms.demo().call("/auth/openapi.json").get().expect(200).text());
        if (!Shell.has("mvn")) {
            skip("all generated clients", "there is no mvn");
        }
        Shell.Result fetched = Shell.run(
                "mvn -q -B -ntp -f src/test/openapi/pom.xml -Dmaven.repo.local=\"$REPOSITORY\" dependency:copy-dependencies",
                Map.of("REPOSITORY", System.getProperty("local.repository", "")));
        if (fetched.exitCode() != 0) {
            skip("all generated clients", "what they need could not be had: " + fetched.output());
        }
        Shell.Result generated = Shell.run(GENERATE, Map.of("JAVA_HOME", System.getProperty("java.home")))
                .expectSuccess();
        // "Form parameters with additionalProperties are not supported", and the like
        assertThat(generated.output()).doesNotContain("ERROR");
    }

    @ParameterizedTest
    @EnumSource
    void appConvertsEndsSessionsAndReadsRefusals(GeneratedClient client) {
        List<String> missing =
                client.needed().stream().filter(command -> !Shell.has(command)).toList();
        if (!missing.isEmpty()) {
            skip("generated client " + client, "there is no " + String.join(", no ", missing));
        }
        Shell.Result prepared = client.prepare();
        if (prepared.exitCode() != 0) {
            skip("generated client " + client, "what it needs could not be had: " + prepared.output());
        }
        client.compile().expectSuccess();
        String elsewhere = realms.convert("bob").refreshToken();

        Shell.Result called = client.call(realms.idToken("bob")).expectSuccess();

        assertThat(called.output().lines())
                .containsExactly(
                        "converted: bob@example.com",
                        "ended: all sessions but this one",
                        "refreshed: Bearer",
                        "refused: 400 invalid_grant");
        assertThat(refresh(elsewhere).expect(400).error()).isEqualTo("invalid_grant");
    }

    private static Answer refresh(String refreshToken) {
        return realms.demo()
                .tokenEndpoint()
                .as(DemoRealms.APP)
                .param("grant_type", "refresh_token")
                .param("refresh_token", refreshToken)
                .post();
    }

    private static void skip(String what, String reason) {
        System.out.println("SKIPPED: " + what + ", because " + reason);
        abort(reason);
    }
}
