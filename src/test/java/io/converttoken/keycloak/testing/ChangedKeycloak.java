// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A Keycloak whose own JARs say another version and know some things by other names, as a later Keycloak may. A name is
 * replaced by one of the same length everywhere in its JAR, in class files too, so that the JAR itself goes on working.
 */
public final class ChangedKeycloak {

    /** A text in some files of a JAR, and what stands there instead. */
    private record Change(String artifact, String file, String from, String to) {

        Change {
            if (from.length() != to.length()) {
                throw new IllegalArgumentException("Not of the same length: " + from + ", " + to);
            }
        }
    }

    private final List<Change> changes = new ArrayList<>();

    private ChangedKeycloak() {}

    public static ChangedKeycloak ofVersion(String version) {
        String former = KeycloakServer.distributionVersion();
        return new ChangedKeycloak().with("keycloak-common", "version=" + former, "version=" + version);
    }

    /** Something has another name in one of Keycloak's artifacts. */
    public ChangedKeycloak with(String artifact, String from, String to) {
        return with(artifact, "", from, to);
    }

    /** A class of one of Keycloak's artifacts uses something else. */
    public ChangedKeycloak with(String artifact, String type, String from, String to) {
        changes.add(new Change(artifact, type.isEmpty() ? "" : "/" + type + ".class", from, to));
        return this;
    }

    void applyTo(Path home) throws IOException {
        Path libraries = home.resolve("lib").resolve("lib").resolve("main");
        for (Change change : changes) {
            apply(change, jar(libraries, change.artifact()));
        }
    }

    private static Path jar(Path libraries, String artifact) throws IOException {
        String prefix = "org.keycloak." + artifact + "-" + KeycloakServer.distributionVersion();
        try (Stream<Path> jars = Files.list(libraries)) {
            return jars.filter(jar -> String.valueOf(jar.getFileName()).startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("There is no " + prefix));
        }
    }

    /** Into a new file, because the one that is there is a link to that of the unpacked distribution. */
    private static void apply(Change change, Path jar) throws IOException {
        Path changed = Files.createTempFile(jar.getParent(), "changed-", ".tmp");
        boolean isFound = false;
        try (JarFile source = new JarFile(jar.toFile());
                JarOutputStream target = new JarOutputStream(Files.newOutputStream(changed))) {
            for (Enumeration<JarEntry> entries = source.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                // each byte is a character here, and the same byte again
                String content = new String(source.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1);
                boolean isChanged = entry.getName().endsWith(change.file()) && content.contains(change.from());
                isFound |= isChanged;
                String written = isChanged ? content.replace(change.from(), change.to()) : content;
                target.putNextEntry(new JarEntry(entry.getName()));
                target.write(written.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        if (!isFound) {
            throw new IllegalStateException(jar.getFileName() + " does not contain " + change.from());
        }
        Files.move(changed, jar, StandardCopyOption.REPLACE_EXISTING);
    }
}
