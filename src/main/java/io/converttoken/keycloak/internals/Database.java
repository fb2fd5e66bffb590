// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.persistence.EntityManager;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.keycloak.models.KeycloakSession;
import org.keycloak.provider.Provider;

/**
 * Keycloak's database, in the session's own transaction. The interface that leads to it is named as text. Its artifact,
 * {@code keycloak-model-jpa}, cannot be a dependency, because the parent of that artifact is not published.
 */
public final class Database {

    private static final String PROVIDER = "org.keycloak.connections.jpa.JpaConnectionProvider";

    private Database() {}

    /** Writes what the session's transaction has changed so far, so that queries see it. */
    public static void flush(KeycloakSession session) {
        of(session).flush();
    }

    static EntityManager of(KeycloakSession session) {
        try {
            return (EntityManager) Access.ENTITY_MANAGER.invoke(session.getProvider(Access.TYPE));
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Keycloak's database cannot be reached", e);
        }
    }

    /** Looked up once, because every conversion needs it. */
    private static final class Access {

        static final Class<? extends Provider> TYPE;
        static final Method ENTITY_MANAGER;

        static {
            try {
                TYPE = Class.forName(PROVIDER, true, Database.class.getClassLoader())
                        .asSubclass(Provider.class);
                ENTITY_MANAGER = TYPE.getMethod("getEntityManager");
            } catch (ClassNotFoundException | NoSuchMethodException e) {
                throw new IllegalStateException("Keycloak's database cannot be reached", e);
            }
        }
    }
}
