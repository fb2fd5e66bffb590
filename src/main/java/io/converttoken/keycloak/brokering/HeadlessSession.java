package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.email.EmailSenderProvider;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.KeycloakSession;

/**
 * The session that authentication flows run in when nobody looks: no mail leaves, for whoever could have it sent again and
 * again.
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
        try {
            return method.invoke(session, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
