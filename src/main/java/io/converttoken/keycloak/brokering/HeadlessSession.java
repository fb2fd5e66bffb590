package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.email.EmailSenderProvider;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.ModelDuplicateException;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserProvider;

/**
 * The session that authentication flows run in when nobody looks: no mail leaves, for whoever could have it sent again and
 * again, and a user that a flow creates gets the {@link AccountId} of the identity.
 */
final class HeadlessSession implements InvocationHandler {

    private static final Set<Class<?>> MAIL = Set.of(EmailTemplateProvider.class, EmailSenderProvider.class);
    private static final int MAX_FORMER_ACCOUNTS = 100;

    private final KeycloakSession session;
    private final VerifiedIdentity identity;

    private HeadlessSession(KeycloakSession session, VerifiedIdentity identity) {
        this.session = session;
        this.identity = identity;
    }

    static KeycloakSession of(KeycloakSession session, VerifiedIdentity identity) {
        return proxy(KeycloakSession.class, new HeadlessSession(session, identity));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        boolean isMail = method.getName().equals("getProvider")
                && arguments != null
                && arguments[0] instanceof Class<?> type
                && MAIL.contains(type);
        if (isMail) {
            throw new InteractionRequiredException(identity.backend(), "flow would send a mail");
        }
        Object result = call(session, method, arguments);
        return result instanceof UserProvider users && method.getName().equals("users") ? users(users) : result;
    }

    private UserProvider users(UserProvider users) {
        return proxy(UserProvider.class, (proxy, method, arguments) -> {
            if (method.getName().equals("addUser") && arguments.length == 2) {
                RealmModel realm = (RealmModel) arguments[0];
                return addUser(users, realm, (String) arguments[1]);
            }
            return call(users, method, arguments);
        });
    }

    /** @throws ModelDuplicateException when another caller has just created the account of this identity */
    private UserModel addUser(UserProvider users, RealmModel realm, String username) {
        for (int former = 0; former < MAX_FORMER_ACCOUNTS; former++) {
            String id = AccountId.of(identity, former);
            UserModel present = users.getUserById(realm, id);
            if (present == null) {
                return users.addUser(realm, id, username, true, true);
            }
            if (isLinked(users, realm, present)) {
                throw new ModelDuplicateException("identity has an account by now");
            }
        }
        throw new InteractionRequiredException(identity.backend(), "too many former accounts");
    }

    private boolean isLinked(UserProvider users, RealmModel realm, UserModel user) {
        FederatedIdentityModel link =
                users.getFederatedIdentity(realm, user, identity.backend().alias());
        return link != null && link.getUserId().equals(identity.subject());
    }

    private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(HeadlessSession.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
