package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.backend.Backend;
import org.jboss.logging.Logger;
import org.keycloak.models.KeycloakSession;

/** Keycloak's classes for LinkedIn and OpenShift read the provider's metadata when they are made. */
final class Discovery {

    private static final Logger LOGGER = Logger.getLogger(Discovery.class);

    private Discovery() {}

    /** @throws ProviderUnavailableException when the metadata can not be read */
    static void require(KeycloakSession session, Backend backend) {
        try {
            backend.open(session);
        } catch (RuntimeException e) {
            // both factories throw it bare, or their own kind of it
            LOGGER.debugf("Metadata of identity provider '%s' can not be read", backend.alias());
            throw new ProviderUnavailableException("identity provider's metadata can not be read");
        }
    }
}
