// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.common.Version;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;

/** Logs, when a server starts, which of Keycloak's internals are missing, and whether this Keycloak was tested. */
public final class Internals {

    private static final Logger LOGGER = Logger.getLogger(Internals.class);

    /** Checked once, because every invalidation asks, and classes and methods stay the same while a server runs. */
    private static final AtomicReference<@Nullable List<String>> MISSING_FOR_REFRESH_TOKENS = new AtomicReference<>();

    private Internals() {}

    /** Reports after the server has started, because there is no database to check before. */
    public static void reportAtStart(KeycloakSessionFactory factory) {
        if (TestedKeycloak.isOlderThan(Version.VERSION)) {
            LOGGER.warnf(
                    "Keycloak %s is newer than Keycloak %s, with which Keycloak Convert Token was tested: what it uses of"
                            + " Keycloak's inside is checked when the server has started, and a warning names what is missing."
                            + " Look for a newer release of io.converttoken:keycloak-convert-token.",
                    Version.VERSION, TestedKeycloak.MINOR);
        }
        factory.register(event -> {
            if (event instanceof PostMigrationEvent) {
                KeycloakModelUtils.runJobInTransaction(factory, Internals::report);
            }
        });
    }

    /**
     * Returns what is missing of everything that makes Keycloak ask this extension about refresh tokens. If anything is
     * missing, nothing can be invalidated.
     */
    public static List<String> missingForRefreshTokens(KeycloakSession session) {
        List<String> known = MISSING_FOR_REFRESH_TOKENS.get();
        if (known == null) {
            known = missing(InternalWays.OF_REFRESH_TOKENS, session).stream()
                    .map(InternalWay::name)
                    .toList();
            MISSING_FOR_REFRESH_TOKENS.set(known);
        }
        return known;
    }

    private static void report(KeycloakSession session) {
        session.getTransactionManager().setRollbackOnly();
        List<InternalWay> all = InternalWays.all();
        List<InternalWay> missing = missing(all, session);
        missing.forEach(
                way -> LOGGER.warnf("Keycloak %s lacks %s: %s.", Version.VERSION, way.name(), way.consequence()));
        LOGGER.infof(
                "Keycloak %s has %d of the %d things of its inside that Keycloak Convert Token uses.",
                Version.VERSION, all.size() - missing.size(), all.size());
    }

    private static List<InternalWay> missing(List<InternalWay> ways, KeycloakSession session) {
        return ways.stream().filter(way -> !way.isThere(session)).toList();
    }
}
