// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.UserModelDelegate;
import org.keycloak.provider.Provider;

/**
 * Keycloak's caches of realms and users, which Keycloak keeps in step on all nodes. Data that is kept with a realm or a
 * user is gone when that realm or user is changed, and when it is forgotten here. The interfaces are named as text,
 * because their artifacts, {@code keycloak-model-storage} and {@code keycloak-model-storage-private}, have a parent
 * that is not published. If Keycloak has no such caches, nothing is kept.
 */
public final class ModelCache {

    private static final Logger LOGGER = Logger.getLogger(ModelCache.class);

    private ModelCache() {}

    /**
     * Returns the data kept with a cached user whom this session has not changed; all threads of this node share it.
     */
    public static Optional<Map<Object, Object>> beside(UserModel user) {
        return Access.INSTANCE
                .filter(access -> access.user.isInstance(user))
                .filter(access -> !Boolean.TRUE.equals(invoke(access.isUserChanged, user)))
                .flatMap(access -> map(access.besideUser, user));
    }

    /** Returns the data kept with a cached realm; all threads of this node share it. */
    public static Optional<Map<Object, Object>> beside(RealmModel realm) {
        return Access.INSTANCE
                .filter(access -> access.realm.isInstance(realm))
                .flatMap(access -> map(access.besideRealm, realm));
    }

    /** Drops a user from the cache, on all nodes, as soon as the session's transaction has ended. */
    public static void forget(KeycloakSession session, UserModel user) {
        Access.INSTANCE.ifPresent(access -> {
            Provider cache = session.getProvider(access.users);
            if (cache != null) {
                // a delegate, because evict would otherwise load a cached user again, from LDAP if the user is there
                invoke(access.evictUser, cache, session.getContext().getRealm(), new UserModelDelegate(user));
            }
        });
    }

    /** Drops all users of the session's realm from the cache, on all nodes, as soon as its transaction has ended. */
    static void forgetUsers(KeycloakSession session) {
        Access.INSTANCE.ifPresent(access -> {
            Provider cache = session.getProvider(access.users);
            if (cache != null) {
                invoke(access.evictUsers, cache, session.getContext().getRealm());
            }
        });
    }

    /**
     * Drops the users whom the session's transaction has imported, if it is rolled back. A look-up imports a person
     * from a directory, and the cache of this node learns of that user at once. Without this method the cache would go
     * on naming a user who is not there.
     */
    public static void forgetImportedOnRollback(KeycloakSession session) {
        Access.INSTANCE
                .map(access -> (Provider) session.getProvider(access.users))
                .ifPresent(cache ->
                        session.getTransactionManager().enlistAfterCompletion(new ImportedUsers(session, cache)));
    }

    /** Drops a realm from the cache, on all nodes, as soon as the transaction of the realm's session has ended. */
    public static void forget(RealmModel realm) {
        Access.INSTANCE
                .filter(access -> access.realm.isInstance(realm))
                .ifPresent(access -> invoke(access.evictRealm, realm));
    }

    /**
     * Lets the cache learn a user's name, after the session's transaction. The check for a complete profile looks a
     * user up by name. A {@code UserCacheSession} (Keycloak 26.7.3) that has already loaded the user in another way,
     * such as by a link to an identity, asks the database each time and does not keep the answer. The new session that
     * is used here keeps it.
     */
    public static void learnName(KeycloakSession session, UserModel user) {
        beside(user)
                .filter(beside -> beside.putIfAbsent(NameLookup.class, true) == null)
                .ifPresent(beside ->
                        session.getTransactionManager().enlistAfterCompletion(new NameLookup(session, user, beside)));
    }

    @SuppressWarnings("unchecked") // a raw map, which all code that keeps data there shares
    private static Optional<Map<Object, Object>> map(Method method, Object model) {
        return Optional.ofNullable((Map<Object, Object>) invoke(method, model));
    }

    private static @Nullable Object invoke(Method method, Object target, Object... arguments) {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failed) {
                throw failed;
            }
            throw new IllegalStateException(e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class NameLookup extends AbstractKeycloakTransaction {

        private final KeycloakSessionFactory sessions;
        private final String realmId;
        private final String name;
        private final Map<Object, Object> beside;

        NameLookup(KeycloakSession session, UserModel user, Map<Object, Object> beside) {
            this.sessions = session.getKeycloakSessionFactory();
            this.realmId = session.getContext().getRealm().getId();
            this.name = user.getUsername();
            this.beside = beside;
        }

        @Override
        protected void commitImpl() {
            try {
                KeycloakModelUtils.runJobInTransaction(sessions, this::lookUp);
            } catch (RuntimeException e) {
                LOGGER.debugf("A name could not be looked up: %s", e.getClass().getName());
            }
        }

        private void lookUp(KeycloakSession session) {
            RealmModel realm = session.realms().getRealm(realmId);
            session.getContext().setRealm(realm);
            session.users().getUserByUsername(realm, name);
        }

        /** Leaves the look-up to the next conversion of this user. */
        @Override
        protected void rollbackImpl() {
            beside.remove(NameLookup.class);
        }
    }

    private record Access(
            Class<? extends Provider> users,
            Method evictUser,
            Method evictUsers,
            Class<?> user,
            Method isUserChanged,
            Method besideUser,
            Class<?> realm,
            Method evictRealm,
            Method besideRealm) {

        static final Optional<Access> INSTANCE = find();

        private static Optional<Access> find() {
            try {
                Class<? extends Provider> users = type("UserCache").asSubclass(Provider.class);
                Class<?> user = type("CachedUserModel");
                Class<?> realm = type("CachedRealmModel");
                return Optional.of(new Access(
                        users,
                        users.getMethod("evict", RealmModel.class, UserModel.class),
                        users.getMethod("evict", RealmModel.class),
                        user,
                        user.getMethod("isMarkedForEviction"),
                        user.getMethod("getCachedWith"),
                        realm,
                        realm.getMethod("invalidate"),
                        realm.getMethod("getCachedWith")));
            } catch (ReflectiveOperationException e) {
                LOGGER.debugf(e, "Caches of this Keycloak are not known");
                return Optional.empty();
            }
        }

        private static Class<?> type(String name) throws ClassNotFoundException {
            return Class.forName("org.keycloak.models.cache." + name, true, ModelCache.class.getClassLoader());
        }
    }
}
