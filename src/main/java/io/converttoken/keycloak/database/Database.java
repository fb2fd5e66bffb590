package io.converttoken.keycloak.database;

import jakarta.persistence.EntityManager;
import java.lang.reflect.InvocationTargetException;
import org.keycloak.models.KeycloakSession;
import org.keycloak.provider.Provider;

/**
 * Keycloak's database, in the session's own transaction. The interface that gives it away is named as text: the artifact it
 * comes in, {@code keycloak-model-jpa}, can not be depended on, for its parent is not published.
 */
public final class Database {

    private static final String PROVIDER = "org.keycloak.connections.jpa.JpaConnectionProvider";

    private Database() {}

    public static EntityManager of(KeycloakSession session) {
        try {
            Class<? extends Provider> type = Class.forName(PROVIDER, true, Database.class.getClassLoader())
                    .asSubclass(Provider.class);
            return (EntityManager) type.getMethod("getEntityManager").invoke(session.getProvider(type));
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("Keycloak's database can not be reached", e);
        }
    }
}
