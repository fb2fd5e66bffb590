// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.internals.ServerRows;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.keycloak.common.util.Time;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.utils.KeycloakModelUtils;

/** Lets one node at a time work. If that node dies, another one goes on when the lease has passed. */
final class Lease {

    private static final Logger LOGGER = Logger.getLogger(Lease.class);
    private static final ServerRows.Key KEY = ServerRows.Key.ordered("lease", "revocation", "node");
    private static final Duration LIFESPAN = Duration.ofSeconds(30);

    /** A call to a provider, with all that belongs to it, takes less than what is left of the lease then. */
    private static final Duration RENEWED_AFTER = Duration.ofSeconds(10);

    private static final String SEPARATOR = " ";

    private final KeycloakSessionFactory factory;
    private final String node = UUID.randomUUID().toString();
    private long renewAt;

    Lease(KeycloakSessionFactory factory) {
        this.factory = factory;
    }

    /** Returns whether this node may work now. */
    boolean isHeld() {
        long now = Time.currentTimeMillis();
        if (now < renewAt) {
            return true;
        }
        boolean isTaken = isTaken(now);
        renewAt = isTaken ? now + RENEWED_AFTER.toMillis() : 0;
        return isTaken;
    }

    private boolean isTaken(long now) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(factory, session -> isTaken(session, now));
        } catch (RuntimeException e) {
            LOGGER.debugf("Another node takes the lease: %s", e.getClass().getName());
            return false;
        }
    }

    private boolean isTaken(KeycloakSession session, long now) {
        String ours = node + SEPARATOR + (now + LIFESPAN.toMillis());
        List<ServerRows.Row> rows = ServerRows.all(session, KEY);
        if (rows.isEmpty()) {
            ServerRows.insert(session, KEY, ours);
            return true;
        }
        String[] held = rows.get(0).value().split(SEPARATOR, -1);
        boolean isFree = held[0].equals(node) || Long.parseLong(held[1]) < now;
        return isFree && ServerRows.replace(session, rows.get(0), ours);
    }
}
