// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Somebody else's extension as a JAR. It is compiled against the unpacked distribution, because not all of Keycloak's
 * artifacts can be depended on: the parent of some is not published.
 */
public final class CompiledExtension {

    private static final Path SOURCES = Path.of("src", "test", "foreign");

    private CompiledExtension() {}

    /**
     * Compiles and packs an extension.
     *
     * @param name of a directory below {@code src/test/foreign}, and of the JAR
     */
    public static Path of(String name) {
        try {
            Path source = SOURCES.resolve(name);
            Path classes = Files.createTempDirectory(KeycloakServer.directory(), "foreign-");
            compile(source, classes);
            Path jar = KeycloakServer.directory().resolve(name + ".jar");
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
                add(classes, ".class", out);
                add(source, "Factory", out);
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compile(Path source, Path classes) throws IOException {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "tests need a JDK");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(source)) {
            List<Path> all =
                    sources.filter(path -> path.toString().endsWith(".java")).toList();
            List<String> options =
                    List.of("-d", classes.toString(), "-proc:none", "--release", "17", "-cp", classPath());
            boolean isCompiled = compiler.getTask(
                            null, files, null, options, null, files.getJavaFileObjectsFromPaths(all))
                    .call();
            if (!isCompiled) {
                throw new IllegalStateException(source + " does not compile");
            }
        }
    }

    private static String classPath() throws IOException {
        Path libraries =
                KeycloakServer.distribution().resolve("lib").resolve("lib").resolve("main");
        try (Stream<Path> jars = Files.list(libraries)) {
            return jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
    }

    /** Files of {@code META-INF/services} are named after the interfaces of factories. */
    private static void add(Path root, String ending, JarOutputStream out) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(ending)).toList()) {
                out.putNextEntry(new JarEntry(root.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, out);
            }
        }
    }
}
