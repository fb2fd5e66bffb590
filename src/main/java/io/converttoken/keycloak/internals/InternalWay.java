// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;
import org.keycloak.provider.ProviderFactory;

/**
 * One thing in Keycloak's internals that the compiler does not check, because it is named as text, because it is
 * overridden, or because its value was copied into this JAR.
 *
 * @param name the name in the log
 * @param consequence what happens if this Keycloak does not have it
 */
record InternalWay(String name, String consequence, Check check) {

    private static final Logger LOGGER = Logger.getLogger(InternalWay.class);

    /** Checks whether something is there, and changes nothing. Any exception means that it is not there. */
    @FunctionalInterface
    interface Check {
        boolean isThere(KeycloakSession session) throws ReflectiveOperationException;
    }

    /** A class or an interface. */
    static InternalWay type(String type, String consequence) {
        return new InternalWay(type, consequence, session -> find(type) != null);
    }

    /**
     * A method that can be called or overridden.
     *
     * @param method the type of the result and the name, as in the source: {@code "void close"}
     * @param parameters the simple names of the types of the parameters
     */
    static InternalWay method(String type, String method, List<String> parameters, String consequence) {
        String signature = method + "(" + String.join(", ", parameters) + ")";
        return new InternalWay(
                type + ": " + signature,
                consequence,
                session -> methods(find(type), method.substring(method.indexOf(' ') + 1))
                        .anyMatch(candidate -> signature(candidate).equals(signature)));
    }

    /** A public constructor. */
    static InternalWay constructor(String type, List<String> parameters, String consequence) {
        return new InternalWay(
                type + "(" + String.join(", ", parameters) + ")",
                consequence,
                session -> Arrays.stream(find(type).getConstructors())
                        .map(InternalWay::parameters)
                        .anyMatch(parameters::equals));
    }

    /** A field of an object, which is read. */
    static InternalWay field(String type, String name, Class<?> valueType, String consequence) {
        return new InternalWay(type + "." + name, consequence, session -> {
            Field field = find(type).getDeclaredField(name);
            field.setAccessible(true);
            return valueType.isAssignableFrom(field.getType());
        });
    }

    /** A constant whose value the compiler has copied into this JAR. */
    static InternalWay constant(String type, String name, String copy, String consequence) {
        return new InternalWay(
                type + "." + name + " with the value '" + copy + "'",
                consequence,
                session -> copy.equals(find(type).getField(name).get(null)));
    }

    /** The id of a provider of Keycloak that a provider of ours replaces. */
    static InternalWay providerId(String factory, String id, String consequence) {
        return new InternalWay(factory + " with the id '" + id + "'", consequence, session -> {
            Constructor<?> constructor = find(factory).getConstructor();
            return id.equals(((ProviderFactory<?>) constructor.newInstance()).getId());
        });
    }

    boolean isThere(KeycloakSession session) {
        try {
            return check.isThere(session);
        } catch (ReflectiveOperationException | LinkageError | RuntimeException absent) {
            LOGGER.debugf(absent, "%s is not there", name);
            return false;
        }
    }

    private static Class<?> find(String type) throws ClassNotFoundException {
        return Class.forName(type, false, InternalWay.class.getClassLoader());
    }

    /** Returns the methods of the type itself, and the public methods that it inherits. */
    private static Stream<Method> methods(Class<?> type, String name) {
        return Stream.concat(Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getMethods()))
                .filter(method -> method.getName().equals(name))
                .filter(method -> !Modifier.isPrivate(method.getModifiers()))
                .filter(method -> !Modifier.isFinal(method.getModifiers()));
    }

    private static String signature(Method method) {
        String parameters = String.join(
                ", ",
                Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .toList());
        return method.getReturnType().getSimpleName() + " " + method.getName() + "(" + parameters + ")";
    }

    private static List<String> parameters(Constructor<?> constructor) {
        return Arrays.stream(constructor.getParameterTypes())
                .map(Class::getSimpleName)
                .toList();
    }
}
