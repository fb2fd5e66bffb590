// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.metrics.BackendId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** Warns in the log, once for each backend while the server runs, if the backend's settings carry a risk. */
public final class BackendWarnings {

    private static final Logger LOGGER = Logger.getLogger(BackendWarnings.class);

    private final Set<Said> said = ConcurrentHashMap.newKeySet();

    BackendWarnings() {}

    /** What may happen to people because of a backend's settings. */
    public enum Risk {
        UNBOUND_TOKENS("accepts unbound tokens: a token that any other application obtained signs in"),
        UNSIGNED_LOGOUT_TOKENS(
                "does not check who signed a logout token: anybody who knows a person's id at the provider"
                        + " can end that person's sessions, see docs/operations.md, Logout tokens that nobody signed");

        private final String text;

        Risk(String text) {
            this.text = text;
        }
    }

    private record Said(Risk risk, BackendId backend) {}

    void forget(Predicate<BackendId> gone) {
        said.removeIf(one -> gone.test(one.backend()));
    }

    /**
     * Warns of a backend of the session's realm that is in use, unless the log of this node has that warning already.
     */
    public static void warn(KeycloakSession session, Backend backend, Risk risk) {
        ConvertTokenMapper mapper = (ConvertTokenMapper) session.getKeycloakSessionFactory()
                .getProviderFactory(IdentityProviderMapper.class, ConvertTokenMapper.PROVIDER_ID);
        mapper.warnings().warnOnce(session.getContext().getRealm(), backend, risk);
    }

    private void warnOnce(RealmModel realm, Backend backend, Risk risk) {
        if (said.add(new Said(risk, backend.id(realm)))) {
            LOGGER.warnf("Backend '%s' of realm '%s' %s", backend.alias(), realm.getName(), risk.text);
        }
    }
}
