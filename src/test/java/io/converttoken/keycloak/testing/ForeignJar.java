// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A provider JAR of another extension, made of classes of the tests. */
public final class ForeignJar {

    private final Map<Class<?>, List<Class<?>>> factories = new LinkedHashMap<>();

    private ForeignJar() {}

    public static ForeignJar empty() {
        return new ForeignJar();
    }

    /** A factory, with the classes that are nested in it. */
    public <T> ForeignJar with(Class<T> service, Class<? extends T> factory) {
        factories.computeIfAbsent(service, key -> new ArrayList<>()).add(factory);
        return this;
    }

    /** Writes it among the build's results. */
    Path write(String name) {
        Path file = KeycloakServer.directory().resolve(name);
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<Class<?>, List<Class<?>>> entry : factories.entrySet()) {
                String names = entry.getValue().stream().map(Class::getName).collect(Collectors.joining("\n"));
                jar.putNextEntry(
                        new JarEntry("META-INF/services/" + entry.getKey().getName()));
                jar.write(names.getBytes(StandardCharsets.UTF_8));
                for (Class<?> type : entry.getValue().stream()
                        .flatMap(ForeignJar::withNested)
                        .toList()) {
                    add(jar, type);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static Stream<Class<?>> withNested(Class<?> type) {
        return Stream.concat(Stream.of(type), Stream.of(type.getDeclaredClasses()));
    }

    private static void add(JarOutputStream jar, Class<?> type) throws IOException {
        String path = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(path));
        try (InputStream source = ForeignJar.class.getClassLoader().getResourceAsStream(path)) {
            if (source == null) {
                throw new IllegalStateException("There is no " + path);
            }
            source.transferTo(jar);
        }
    }
}
