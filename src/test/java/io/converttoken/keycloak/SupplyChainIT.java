// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;

/** The bill of materials names what is in the JAR, all of it and nothing else, and so does the page on the architecture. */
class SupplyChainIT {

    private static final String OURS = "io/converttoken/keycloak/";
    private static final String RELOCATED = OURS + "shaded/";
    private static final Set<String> LICENCES = Set.of("Apache-2.0", "MIT");

    private static final Path JAR = Path.of(System.getProperty("extension.jar", ""));
    private static final Path PROJECT = Path.of("").toAbsolutePath();
    private static final Path BILL = PROJECT.resolve("target/bom.json");

    private static List<Component> components = List.of();

    /** Something of others, as the bill names it, and its files by digest. */
    private record Component(String name, List<String> licences, Map<String, String> files) {

        boolean holds(String entry, String digest) {
            return entry.startsWith(RELOCATED)
                    ? files.keySet().stream().anyMatch(file -> isRelocated(file, entry))
                    : files.containsValue(digest);
        }

        /** The last folder of the relocated package's name stays. */
        private static boolean isRelocated(String file, String entry) {
            return file.endsWith("/" + entry.substring(RELOCATED.length()));
        }
    }

    @BeforeAll
    static void bill() throws IOException {
        assumeTrue(Files.exists(BILL), "the build was told to skip the bill of materials");
        List<Component> all = new ArrayList<>();
        for (JsonNode component : new ObjectMapper().readTree(BILL.toFile()).path("components")) {
            all.add(component(component));
        }
        components = all;
    }

    @Test
    void whatIsNotOursIsInTheBill() throws IOException {
        files(JAR).forEach((entry, digest) -> {
            if (!isOurs(entry)) {
                assertThat(components)
                        .as(entry)
                        .filteredOn(component -> component.holds(entry, digest))
                        .hasSize(1);
            }
        });
    }

    @Test
    void whatIsInTheBillIsInTheJar() throws IOException {
        Map<String, String> files = files(JAR);

        assertThat(components)
                .allSatisfy(component -> assertThat(files.entrySet())
                        .as(component.name())
                        .anyMatch(file -> !isOurs(file.getKey()) && component.holds(file.getKey(), file.getValue())));
    }

    @Test
    void licencesAreKnownAndTheirTextIsInTheJar() throws IOException {
        assertThat(components)
                .allSatisfy(component -> assertThat(component.licences())
                        .as(component.name())
                        .isNotEmpty()
                        .isSubsetOf(LICENCES));
        assertThat(files(JAR)).containsKey("META-INF/LICENSE");
    }

    @Test
    void reasonIsGivenForEach() throws IOException {
        String architecture = Files.readString(PROJECT.resolve("docs").resolve("architecture.md"));

        assertThat(components).allSatisfy(component -> assertThat(architecture).contains("`" + component.name() + "`"));
    }

    /** Compiled from our sources, or found among our resources. */
    private static boolean isOurs(String entry) {
        if (entry.endsWith(".class")) {
            return entry.startsWith(OURS) && !entry.startsWith(RELOCATED);
        }
        return entry.equals("META-INF/MANIFEST.MF")
                || entry.equals("META-INF/LICENSE")
                || entry.startsWith("META-INF/maven/io.converttoken/")
                || isOurResource(entry);
    }

    private static boolean isOurResource(String entry) {
        String name = Objects.requireNonNull(Path.of(entry).getFileName()).toString();
        return List.of("src/main/resources", "themes").stream()
                .map(PROJECT::resolve)
                .anyMatch(folder -> holds(folder, name));
    }

    private static boolean holds(Path folder, String name) {
        try (var files = Files.walk(folder)) {
            return files.anyMatch(file -> file.endsWith(name));
        } catch (IOException absent) {
            return false;
        }
    }

    private static Component component(JsonNode json) throws IOException {
        String group = json.path("group").asText();
        String artifact = json.path("name").asText();
        String version = json.path("version").asText();
        List<String> licences = new ArrayList<>();
        json.path("licenses")
                .forEach(licence ->
                        licences.add(licence.path("license").path("id").asText("unknown")));
        Path file = Path.of(System.getProperty("local.repository", ""))
                .resolve(group.replace('.', '/'))
                .resolve(artifact)
                .resolve(version)
                .resolve(artifact + "-" + version + ".jar");
        return new Component(group + ":" + artifact, licences, files(file));
    }

    /** Names and digests of all files in an archive. */
    private static Map<String, String> files(Path archive) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry :
                    zip.stream().filter(file -> !file.isDirectory()).toList()) {
                try (InputStream content = zip.getInputStream(entry)) {
                    byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, content.readAllBytes());
                    files.put(entry.getName(), HexFormat.of().formatHex(digest));
                }
            }
        }
        return files;
    }
}
