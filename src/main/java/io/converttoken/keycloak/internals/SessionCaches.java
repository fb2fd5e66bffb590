// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.infinispan.commons.api.AsyncCache;
import org.jboss.logging.Logger;
import org.keycloak.executors.ExecutorsProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.provider.Provider;

/**
 * The caches in front of the session tables, on all nodes. Their classes are named as text. Their artifact,
 * {@code keycloak-model-infinispan}, cannot be a dependency, because the parent of that artifact is not published.
 */
public final class SessionCaches {

    private static final Logger LOGGER = Logger.getLogger(SessionCaches.class);

    private static final String CONNECTIONS = "org.keycloak.connections.infinispan.InfinispanConnectionProvider";
    private static final String CLIENT_SESSION_KEY =
            "org.keycloak.models.sessions.infinispan.entities.EmbeddedClientSessionKey";

    private static final String EXECUTOR = "convert-token-late-readers";
    private static final Duration LATE_READERS = Duration.ofSeconds(2);

    private final Optional<Access> access;
    private final ExecutorService executor;

    private SessionCaches(KeycloakSession session, Optional<Access> access) {
        this.access = access;
        this.executor = session.getProvider(ExecutorsProvider.class).getExecutor(EXECUTOR);
    }

    /** Returns the caches of online sessions, or of offline ones. */
    public static SessionCaches of(KeycloakSession session, boolean offline) {
        try {
            return new SessionCaches(session, Optional.of(Access.to(session, offline)));
        } catch (ReflectiveOperationException | ClassCastException e) {
            LOGGER.debugf(e, "Session caches of this Keycloak are not known");
            return new SessionCaches(session, Optional.empty());
        }
    }

    /** The result of taking sessions out of the caches. */
    enum Eviction {
        /** At least one session was there, so these are the caches that Keycloak looks into. */
        FOUND,
        NOTHING_FOUND,
        /** The sessions cannot be taken out, or these are not the caches that this class knows. */
        FAILED
    }

    /** Takes sessions out of the caches. */
    Eviction evict(Collection<StoredSession> sessions) {
        if (access.isEmpty()) {
            return Eviction.FAILED;
        }
        try {
            List<CompletableFuture<?>> removals = access.get().evict(sessions);
            CompletableFuture.allOf(removals.toArray(CompletableFuture[]::new)).join();
            boolean isAnyFound = removals.stream().anyMatch(removal -> removal.join() != null);
            return isAnyFound ? Eviction.FOUND : Eviction.NOTHING_FOUND;
        } catch (ReflectiveOperationException | CompletionException e) {
            LOGGER.debugf(e, "Sessions cannot be taken out of the caches");
            return Eviction.FAILED;
        }
    }

    /**
     * Takes sessions out again a little later. A request may have read a session from the database before it was
     * removed, and may put it into the cache afterwards. The session would stay there for as long as it is used.
     */
    public void evictOnceMore(Collection<StoredSession> sessions) {
        CompletableFuture.delayedExecutor(LATE_READERS.toMillis(), TimeUnit.MILLISECONDS, executor)
                .execute(() -> evict(sessions));
    }

    private record Access(
            AsyncCache<Object, Object> userSessions,
            AsyncCache<Object, Object> clientSessions,
            Constructor<?> clientSessionKey) {

        static Access to(KeycloakSession session, boolean offline) throws ReflectiveOperationException {
            ClassLoader classes = SessionCaches.class.getClassLoader();
            Class<? extends Provider> type =
                    Class.forName(CONNECTIONS, true, classes).asSubclass(Provider.class);
            Provider connections = session.getProvider(type);
            return new Access(
                    cache(type, connections, offline ? "offlineSessions" : "sessions"),
                    cache(type, connections, offline ? "offlineClientSessions" : "clientSessions"),
                    Class.forName(CLIENT_SESSION_KEY, true, classes).getConstructor(String.class, String.class));
        }

        @SuppressWarnings("unchecked") // keys and values of any type, because nothing is read
        private static AsyncCache<Object, Object> cache(
                Class<? extends Provider> type, Provider connections, String name) throws ReflectiveOperationException {
            return (AsyncCache<Object, Object>)
                    type.getMethod("getCache", String.class).invoke(connections, name);
        }

        List<CompletableFuture<?>> evict(Collection<StoredSession> sessions)
                throws InstantiationException, IllegalAccessException, InvocationTargetException {
            List<CompletableFuture<?>> removals = new ArrayList<>();
            for (StoredSession stored : sessions) {
                removals.add(userSessions.removeAsync(stored.id()));
                for (String clientId : stored.clientIds()) {
                    removals.add(clientSessions.removeAsync(clientSessionKey.newInstance(stored.id(), clientId)));
                }
            }
            return removals;
        }
    }
}
