// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files around the code agree on the versions, and the workflows may do no more than they have to. */
final class ReleaseTest {

    private static final Path WORKFLOWS = Path.of(".github", "workflows");

    private static final String VERSION = "<artifactId>keycloak-convert-token</artifactId>\\s*<version>(.*?)<";
    private static final String DATE = "<project.build.outputTimestamp>(.*?)T";
    private static final String KEYCLOAK = "<keycloak.version>(.*?)<";

    private static final String USES = "(?m)^\\s*(?:- )?uses: (.*)$";
    private static final Pattern PINNED = Pattern.compile("[\\w-]+/[\\w-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+");

    @Test
    void changeLogHasTheReleaseAndItsDate() throws IOException {
        assumeFalse(pom(VERSION).endsWith("-SNAPSHOT"), "not a release");

        assertThat(released("(.*)")).isEqualTo(pom(VERSION) + " - " + pom(DATE));
    }

    /** What a reader copies has the name of a file that there is. */
    @Test
    void guidesNameTheJarOfTheLatestRelease() throws IOException {
        assertThat(namedInGuides("keycloak-convert-token-(\\d[\\w.]*?)\\.jar"))
                .containsExactly(released("(\\S+) - .*"));
    }

    @Test
    void guidesNameTheImageOfTheLatestRelease() throws IOException {
        String image = pom(KEYCLOAK) + "-" + released("(\\S+) - .*");

        assertThat(namedInGuides("keycloak-convert-token:(\\d[\\w.-]*)")).containsExactly(image);
        assertThat(namedInGuides("tag: (\\d[\\w.-]*)")).containsExactly(image);
    }

    @ParameterizedTest
    @CsvSource({
        "Dockerfile, 'ARG KEYCLOAK_VERSION=(.*)'",
        "docker-compose.yml, 'keycloak/keycloak:(.*)'",
        "docker-compose.cluster.yml, 'keycloak/keycloak:(.*)'"
    })
    void containersHaveTheKeycloakThatIsTested(String file, String pattern) throws IOException {
        assertThat(all(pattern, Files.readString(Path.of(file)))).containsExactly(pom(KEYCLOAK));
    }

    /** Keycloak's page reads these fields, and shows name and description as HTML. */
    @Test
    void entryForKeycloaksListHasWhatItsPageReads() throws IOException {
        JsonNode entry = new ObjectMapper().readTree(Files.readString(Path.of("src/release/keycloak-extension.json")));

        assertThat(entry.propertyStream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrder("name", "description", "website", "source");
        assertThat(List.of(entry.path("website").asText(), entry.path("source").asText()))
                .containsOnly("${project.home}");
        assertThat(pom("<description>(.*?)<")).doesNotContain("&", "\"");
    }

    static Stream<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            return files.sorted().toList().stream();
        }
    }

    /** A tag can be moved by another person, a commit cannot. */
    @ParameterizedTest
    @MethodSource("workflows")
    void actionsArePinnedByCommit(Path workflow) throws IOException {
        List<String> used = all(USES, Files.readString(workflow));

        assertThat(used).isNotEmpty().allSatisfy(action -> assertThat(action).matches(PINNED));
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void workflowMayOnlyReadUnlessAJobSaysMore(Path workflow) throws IOException {
        assertThat(yaml(workflow).path("permissions").toString()).isIn("{}", "{\"contents\":\"read\"}");
        assertThat(Files.readString(workflow)).doesNotContain("pull_request_target", "secrets.");
    }

    /** The tests, and what they bring along, run where nothing can be written. */
    @ParameterizedTest
    @MethodSource("workflows")
    void jobThatRunsTheBuildMayNotWrite(Path workflow) throws IOException {
        for (JsonNode job : yaml(workflow).path("jobs")) {
            boolean builds = job.path("steps").toString().contains("actions/checkout");
            boolean writes = job.path("permissions").toString().contains("write");
            assertThat(builds && writes).as(job.toString()).isFalse();
        }
    }

    @Test
    void updatesAreLookedForWhereThereIsSomethingToUpdate() throws IOException {
        Map<String, String> manifests = Map.of(
                "maven", "pom.xml",
                "github-actions", ".github/workflows",
                "docker", "Dockerfile",
                "docker-compose", "docker-compose.yml",
                "npm", "package.json",
                "pip", "requirements.txt");
        List<String> missing = new ArrayList<>();
        Set<String> ecosystems = new TreeSet<>();
        for (JsonNode update : yaml(Path.of(".github", "dependabot.yml")).path("updates")) {
            String ecosystem = update.path("package-ecosystem").asText();
            ecosystems.add(ecosystem);
            for (String directory : directories(update)) {
                Path manifest = Path.of("." + directory).resolve(manifests.getOrDefault(ecosystem, "unknown"));
                if (!Files.exists(manifest)) {
                    missing.add(ecosystem + ": " + manifest);
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(ecosystems).containsExactlyInAnyOrderElementsOf(manifests.keySet());
    }

    @Test
    void bugFormAsksForTheReasonAndForNoToken() throws IOException {
        JsonNode body = yaml(Path.of(".github", "ISSUE_TEMPLATE", "bug.yml")).path("body");
        List<String> required = body.valueStream()
                .filter(field -> field.path("validations").path("required").asBoolean())
                .map(field -> field.path("id").asText())
                .toList();

        assertThat(required).contains("keycloak", "jar", "provider", "error", "reason");
        assertThat(body.path(0).path("attributes").path("value").asText()).contains("Do not paste a token");
    }

    @Test
    void weaknessesAreReportedWithoutAMailAddress() throws IOException {
        for (String file : List.of("SECURITY.md", "CODE_OF_CONDUCT.md")) {
            assertThat(Files.readString(Path.of(file)))
                    .as(file)
                    .contains("*Report a vulnerability*")
                    .doesNotContain("@");
        }
    }

    /** Of the latest section of the change log that has a version: {@code ## 1.0.0 - 2026-11-30}. */
    private static String released(String heading) throws IOException {
        return all("(?m)^## (?=\\d)" + heading + "$", Files.readString(Path.of("CHANGELOG.md")))
                .get(0);
    }

    /** The first group of the first place in {@code pom.xml}. */
    private static String pom(String pattern) {
        try {
            return all(pattern, Files.readString(Path.of("pom.xml"))).get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> namedInGuides(String pattern) throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            for (Path guide :
                    Stream.concat(docs, Stream.of(Path.of("README.md"))).toList()) {
                if (guide.toString().endsWith(".md")) {
                    named.addAll(all(pattern, Files.readString(guide)));
                }
            }
        }
        return named;
    }

    private static List<String> all(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1).strip())
                .toList();
    }

    private static List<String> directories(JsonNode update) {
        return Stream.concat(
                        Stream.of(update.path("directory")),
                        update.path("directories").valueStream())
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .toList();
    }

    private static JsonNode yaml(Path file) throws IOException {
        Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
        return new ObjectMapper().valueToTree(read);
    }
}
