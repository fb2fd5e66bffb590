package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.database.NewUsers;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.email.EmailSenderProvider;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserProvider;

/**
 * The session that authentication flows run in when nobody looks: no mail leaves, for whoever could have it sent again and
 * again, and whoever is created is known.
 */
final class HeadlessSession implements InvocationHandler {

    private static final Set<Class<?>> MAIL = Set.of(EmailTemplateProvider.class, EmailSenderProvider.class);

    private final KeycloakSession session;
    private final Backend backend;

    private HeadlessSession(KeycloakSession session, Backend backend) {
        this.session = session;
        this.backend = backend;
    }

    static KeycloakSession of(KeycloakSession session, Backend backend) {
        return (KeycloakSession) Proxy.newProxyInstance(
                HeadlessSession.class.getClassLoader(),
                new Class<?>[] {KeycloakSession.class},
                new HeadlessSession(session, backend));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        boolean isMail = method.getName().equals("getProvider")
                && arguments != null
                && arguments[0] instanceof Class<?> type
                && MAIL.contains(type);
        if (isMail) {
            throw new InteractionRequiredException(backend, "flow would send a mail");
        }
        return method.getName().equals("users") ? users() : call(session, method, arguments);
    }

    /** The session's users; whom the flow creates is known from the first moment, whatever becomes of the flow. */
    private UserProvider users() {
        UserProvider users = session.users();
        return (UserProvider) Proxy.newProxyInstance(
                HeadlessSession.class.getClassLoader(), interfacesOf(users), (proxy, method, arguments) -> {
                    Object result = call(users, method, arguments);
                    if (method.getName().equals("addUser") && result instanceof UserModel user) {
                        NewUsers.add(session, user);
                    }
                    return result;
                });
    }

    private static Class<?>[] interfacesOf(Object object) {
        return Stream.<Class<?>>iterate(object.getClass(), Objects::nonNull, Class::getSuperclass)
                .map(Class::getInterfaces)
                .flatMap(Arrays::stream)
                .distinct()
                .toArray(Class<?>[]::new);
    }

    private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
