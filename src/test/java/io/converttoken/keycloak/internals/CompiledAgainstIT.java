// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.internals.ClassFile.Reference;
import io.converttoken.keycloak.testing.KeycloakServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The JAR is compiled against one Keycloak and runs on another: what the compiler has seen there is the same here. All of the
 * distribution's own libraries are looked at, and no server runs.
 */
final class CompiledAgainstIT {

    private static final String OURS = "io.converttoken.keycloak.";
    private static final String SHADED = OURS + "shaded.";
    private static final String KEYCLOAK = "org.keycloak.";

    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Pattern IMPORT = Pattern.compile("import (org\\.keycloak\\.[\\w.]+\\.(\\w+));");

    private static final Map<String, ClassFile> CLASS_FILES = new TreeMap<>();

    @AutoClose
    private static URLClassLoader distribution;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(KeycloakServer.isDistribution(), "libraries of the distribution are read");
        List<URL> jars = new ArrayList<>(List.of(url(KeycloakServer.jar())));
        Path libraries = KeycloakServer.distribution().resolve("lib").resolve("lib");
        try (Stream<Path> files = Files.walk(libraries)) {
            files.filter(file -> file.toString().endsWith(".jar"))
                    .map(CompiledAgainstIT::url)
                    .forEach(jars::add);
        }
        distribution = new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        try (JarFile jar = new JarFile(KeycloakServer.jar().toFile())) {
            for (JarEntry entry : jar.stream().toList()) {
                String name = entry.getName().replace(".class", "").replace('/', '.');
                boolean isOurs = entry.getName().endsWith(".class")
                        && name.startsWith(OURS)
                        && !name.startsWith(SHADED)
                        && !name.endsWith("package-info");
                if (isOurs) {
                    CLASS_FILES.put(name, ClassFile.of(jar.getInputStream(entry).readAllBytes()));
                }
            }
        }
    }

    @Test
    void everythingThatIsCalledIsThere() {
        Set<String> missing = new TreeSet<>();
        CLASS_FILES.forEach((user, file) -> file.references().stream()
                .filter(reference -> !reference.owner().startsWith("["))
                .filter(reference -> !isThere(reference))
                .forEach(reference -> missing.add(user + " uses " + reference)));

        assertThat(CLASS_FILES).hasSizeGreaterThan(200);
        assertThat(isThere(new Reference("org.keycloak.models.KeycloakSession", "noSuchMethod", "()V")))
                .isFalse();
        assertThat(missing).isEmpty();
    }

    /** A method that is renamed there is overridden no more: nothing fails, and nobody calls it. */
    @Test
    void everythingThatIsOverriddenIsThere() {
        Set<String> compiled = overrides(CompiledAgainstIT.class.getClassLoader());

        assertThat(compiled)
                .hasSizeGreaterThan(100)
                .contains(OURS + "invalidation.GenerationRefreshTokenIntrospectionProvider verifyTokenReuse()boolean");
        assertThat(overrides(distribution)).containsAll(compiled);
    }

    @Test
    void nothingIsLeftToImplement() {
        Set<String> missing = new TreeSet<>();
        for (String name : CLASS_FILES.keySet()) {
            Class<?> type = load(distribution, name);
            if (!Modifier.isAbstract(type.getModifiers())) {
                abstractMethods(type).forEach(method -> missing.add(name + " lacks " + method));
            }
        }

        assertThat(missing).isEmpty();
    }

    /** The compiler copies constants, so that a new value would be known here no more than before. */
    @Test
    void constantsHaveTheValuesThatWereCopied() throws IOException {
        Map<String, String> compiled = constants(CompiledAgainstIT.class.getClassLoader());

        assertThat(compiled)
                .hasSizeGreaterThan(50)
                .containsKey("org.keycloak.models.Constants.TOKEN_EXCHANGE_SUBJECT_CLIENT");
        assertThat(constants(distribution)).isEqualTo(compiled);
    }

    private static boolean isThere(Reference reference) {
        return reference.owner().startsWith("java.")
                || hierarchy(load(distribution, reference.owner())).anyMatch(type -> has(type, reference));
    }

    private static boolean has(Class<?> type, Reference reference) {
        if (reference.isField()) {
            return Arrays.stream(type.getDeclaredFields())
                    .anyMatch(field -> field.getName().equals(reference.name())
                            && field.getType().descriptorString().equals(reference.descriptor()));
        }
        if (reference.name().equals("<init>")) {
            return Arrays.stream(type.getDeclaredConstructors())
                    .anyMatch(constructor -> descriptor(constructor).equals(reference.descriptor()));
        }
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(method -> method.getName().equals(reference.name())
                        // the many signatures of a method handle are one
                        && (isSignaturePolymorphic(type) || descriptor(method).equals(reference.descriptor())));
    }

    private static boolean isSignaturePolymorphic(Class<?> type) {
        return type.getName().startsWith("java.lang.invoke.");
    }

    private static String descriptor(Executable executable) {
        Class<?> result = executable instanceof Method method ? method.getReturnType() : void.class;
        return MethodType.methodType(result, executable.getParameterTypes()).toMethodDescriptorString();
    }

    private static Set<String> overrides(ClassLoader loader) {
        Set<String> overrides = new TreeSet<>();
        for (String name : CLASS_FILES.keySet()) {
            Class<?> type = load(loader, name);
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> !method.isSynthetic() && !Modifier.isStatic(method.getModifiers()))
                    .filter(method -> hierarchy(type)
                            .filter(above -> above.getName().startsWith(KEYCLOAK))
                            .anyMatch(above -> isOverridable(above, method)))
                    .forEach(method -> overrides.add(name + " " + method.getName()
                            + Arrays.stream(method.getParameterTypes())
                                    .map(Class::getName)
                                    .collect(Collectors.joining(",", "(", ")"))
                            + method.getReturnType().getName()));
        }
        return overrides;
    }

    private static boolean isOverridable(Class<?> above, Method method) {
        return Arrays.stream(above.getDeclaredMethods())
                .filter(candidate -> !Modifier.isPrivate(candidate.getModifiers()))
                .anyMatch(candidate -> candidate.getName().equals(method.getName())
                        && candidate.getParameterCount() == method.getParameterCount()
                        && areAssignable(candidate, method));
    }

    /** Type parameters of Keycloak's types are more general there. */
    private static boolean areAssignable(Method above, Method method) {
        for (int i = 0; i < above.getParameterCount(); i++) {
            if (!above.getParameterTypes()[i].isAssignableFrom(method.getParameterTypes()[i])) {
                return false;
            }
        }
        return above.getReturnType().isAssignableFrom(method.getReturnType());
    }

    private static Stream<String> abstractMethods(Class<?> type) {
        return hierarchy(type)
                .flatMap(above -> Arrays.stream(above.getDeclaredMethods()))
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .filter(method -> hierarchy(type)
                        .flatMap(above -> Arrays.stream(above.getDeclaredMethods()))
                        .noneMatch(candidate -> !Modifier.isAbstract(candidate.getModifiers())
                                && candidate.getName().equals(method.getName())
                                && descriptor(candidate).equals(descriptor(method))))
                .map(Method::toString);
    }

    private static Map<String, String> constants(ClassLoader loader) throws IOException {
        Map<String, String> constants = new TreeMap<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String source = Files.readString(file);
                IMPORT.matcher(source)
                        .results()
                        .forEach(imported -> Pattern.compile("\\b" + imported.group(2) + "\\.([A-Z][A-Z0-9_]+)\\b")
                                .matcher(source)
                                .results()
                                .forEach(use -> constant(
                                        load(loader, binaryName(imported.group(1))), use.group(1), constants)));
            }
        }
        return constants;
    }

    /** Packages have small letters, and a class within a class stands behind one that has a large one. */
    private static String binaryName(String imported) {
        return imported.replaceAll("(?<=\\.[A-Z]\\w{0,99})\\.", "\\$");
    }

    private static void constant(Class<?> type, String name, Map<String, String> constants) {
        hierarchy(type)
                .filter(above -> above.getName().startsWith(KEYCLOAK))
                .flatMap(above ->
                        Optional.ofNullable(classFile(above).constants().get(name)).stream())
                .findFirst()
                .ifPresent(value -> constants.put(type.getName() + "." + name, value));
    }

    private static ClassFile classFile(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        try (InputStream content = type.getClassLoader().getResourceAsStream(name)) {
            return ClassFile.of(Objects.requireNonNull(content, name).readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The type and everything above it. */
    private static Stream<Class<?>> hierarchy(Class<?> type) {
        Stream<Class<?>> above =
                Stream.concat(Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces()));
        Stream<Class<?>> object = type.isInterface() ? Stream.of(Object.class) : Stream.empty();
        return Stream.of(Stream.of(type), above.flatMap(CompiledAgainstIT::hierarchy), object)
                .flatMap(types -> types);
    }

    private static Class<?> load(ClassLoader loader, String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("This Keycloak has no " + name, e);
        }
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }
}
