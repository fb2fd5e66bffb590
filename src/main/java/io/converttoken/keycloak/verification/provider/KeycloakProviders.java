// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.util.Set;
import org.jboss.logging.Logger;
import org.keycloak.broker.provider.UserAuthenticationIdentityProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.linkedin.LinkedInOIDCIdentityProviderFactory;
import org.keycloak.social.openshift.OpenshiftV4IdentityProviderFactory;

/** Opens Keycloak's own classes for identity providers, which the browser login uses, within a conversion's limits. */
public final class KeycloakProviders {

    private static final Logger LOGGER = Logger.getLogger(KeycloakProviders.class);

    private static final Set<String> READ_METADATA_WHEN_MADE =
            Set.of(LinkedInOIDCIdentityProviderFactory.PROVIDER_ID, OpenshiftV4IdentityProviderFactory.PROVIDER_ID);

    private KeycloakProviders() {}

    /** @throws ProviderUnavailableException when the provider's metadata are needed and cannot be read */
    public static UserAuthenticationIdentityProvider<?> open(CallAllowance access, Backend backend) {
        return READ_METADATA_WHEN_MADE.contains(backend.providerId())
                ? reading(access, backend)
                : backend.open(access.session());
    }

    private static UserAuthenticationIdentityProvider<?> reading(CallAllowance access, Backend backend) {
        KeycloakSession bound = BoundSession.of(access.session(), access.metadataClient());
        try {
            return backend.open(bound);
        } catch (RuntimeException e) {
            // both factories throw a RuntimeException, or a subclass of it
            LOGGER.debugf("Metadata of identity provider '%s' cannot be read", backend.alias());
            throw ProviderUnavailableException.in(e)
                    .orElseGet(
                            () -> new ProviderUnavailableException(ReasonCode.METADATA_UNAVAILABLE, backend.alias()));
        }
    }
}
