// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.failsafe.Bulkhead;
import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.metrics.NodeMeters;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.models.KeycloakSession;

/** All limits of a node, with what they know. The provider factory that has the options keeps them. */
public final class ServerLimits implements AutoCloseable {

    /** A backend that is not used for this long is forgotten. */
    private static final Duration UNUSED = Duration.ofHours(1);

    /** The time after the deadline within which a call that gives up by itself has done so. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private final CallThreads calls;
    private final Watch watch;
    private final Bulkhead<Object> node;
    private final Limits limits;
    private final Cache<BackendId, ProviderGuard> guards;
    private final RefusedTokens refusedTokens;
    private final FailedConversions failedConversions;

    public ServerLimits(Limits limits) {
        this.limits = limits;
        this.calls = new CallThreads(limits.waitingPerNode());
        this.watch = new Watch(limits.providerDeadline().plus(GRACE));
        this.node = Bulkhead.of(limits.waitingPerNode());
        this.guards = Caffeine.newBuilder()
                .expireAfterAccess(UNUSED)
                .removalListener(ServerLimits::closed)
                .executor(Runnable::run)
                .build();
        this.refusedTokens = new RefusedTokens(limits.refusalMemory(), Ticker.systemTicker());
        this.failedConversions = new FailedConversions(limits.failuresPerMinute(), TimeMeter.SYSTEM_NANOTIME);
    }

    /** The provider factory that keeps the node's limits. */
    public interface Keeper {

        /** The factory's id among the identity provider mappers. */
        String ID = NodeMeters.Keeper.ID;

        ServerLimits serverLimits();
    }

    /** Returns the limits of the node to which a session belongs. */
    public static ServerLimits of(KeycloakSession session) {
        return ((Keeper)
                        session.getKeycloakSessionFactory().getProviderFactory(IdentityProviderMapper.class, Keeper.ID))
                .serverLimits();
    }

    public ProviderGuard guard(BackendId backend) {
        return guards.get(backend, unknown -> new ProviderGuard(limits, node, calls, watch));
    }

    public RefusedTokens refusedTokens() {
        return refusedTokens;
    }

    public FailedConversions failedConversions() {
        return failedConversions;
    }

    /** Returns the backends whose limits this node holds. */
    public Set<BackendId> backends() {
        return Set.copyOf(guards.asMap().keySet());
    }

    /** Forgets all that is known of these backends. A call that still runs keeps its own view of them until it ends. */
    public void forget(Predicate<BackendId> gone) {
        guards.asMap().keySet().removeIf(gone);
        refusedTokens.forget(gone);
        failedConversions.forget(gone);
    }

    private static void closed(@Nullable BackendId backend, @Nullable ProviderGuard guard, RemovalCause cause) {
        if (guard != null) {
            guard.forget();
        }
    }

    @Override
    public void close() {
        guards.invalidateAll();
        watch.close();
        calls.close();
    }
}
