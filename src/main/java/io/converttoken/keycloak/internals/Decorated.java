// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Objects of Keycloak that answer some calls in another way. They are made at run time, because Keycloak's interfaces
 * get new methods in every release. A decoration passes on the calls that it does not know.
 */
public final class Decorated {

    private Decorated() {}

    /** A call of a method. */
    public static final class Call {

        private final Object target;
        private final Method method;
        private final @Nullable Object @Nullable [] arguments;

        private Call(Object target, Method method, @Nullable Object @Nullable [] arguments) {
            this.target = target;
            this.method = method;
            this.arguments = arguments;
        }

        public boolean isOf(String name) {
            return method.getName().equals(name);
        }

        /** Returns whether the call asks for a provider of one of these types ({@code KeycloakSession.getProvider}). */
        public boolean isForProvider(Set<Class<?>> types) {
            return isOf("getProvider")
                    && arguments != null
                    && arguments.length > 0
                    && arguments[0] instanceof Class<?> type
                    && types.contains(type);
        }

        /** Returns the answer of the decorated object. */
        public @Nullable Object passedOn() throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        }
    }

    /** Answers a call. */
    @FunctionalInterface
    public interface Decoration {

        /** @throws Throwable whatever the method itself may throw */
        @Nullable
        Object answer(Call call) throws Throwable;
    }

    /** Returns an object of one interface. */
    public static <T> T as(Class<T> type, T target, Decoration decoration) {
        return type.cast(decorated(new Class<?>[] {type}, target, decoration));
    }

    /** Returns an object of all interfaces of the target, because Keycloak tests some objects for further ones. */
    public static <T> T asAllOf(Class<T> type, T target, Decoration decoration) {
        Class<?>[] interfaces = Stream.<Class<?>>iterate(target.getClass(), Objects::nonNull, Class::getSuperclass)
                .map(Class::getInterfaces)
                .flatMap(Arrays::stream)
                .distinct()
                .toArray(Class<?>[]::new);
        return type.cast(decorated(interfaces, target, decoration));
    }

    /** Returns an object that does nothing and answers every call with null. */
    public static <T> T empty(Class<T> type) {
        return type.cast(decorated(new Class<?>[] {type}, type, call -> null));
    }

    private static Object decorated(Class<?>[] interfaces, Object target, Decoration decoration) {
        return Proxy.newProxyInstance(
                Decorated.class.getClassLoader(),
                interfaces,
                (proxy, method, arguments) -> decoration.answer(new Call(target, method, arguments)));
    }
}
