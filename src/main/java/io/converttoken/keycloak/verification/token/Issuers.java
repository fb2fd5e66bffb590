// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.utils.StringUtil;

/** Reads what an OpenID Connect identity provider's configuration says about its tokens. */
public final class Issuers {

    private Issuers() {}

    /**
     * Returns the trusted issuers from a comma-separated list, as Keycloak's {@code OIDCIdentityProvider.validateToken}
     * does.
     */
    public static Set<String> of(OIDCIdentityProviderConfig config) {
        String issuers = config.getIssuer();
        if (StringUtil.isBlank(issuers)) {
            return Set.of();
        }
        return Arrays.stream(issuers.split(",", -1))
                .map(String::trim)
                .filter(issuer -> !issuer.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns the seconds of the setting <em>Allowed clock skew</em>, or 0 if it is not set. */
    public static int clockSkew(IdentityProviderModel model) {
        return Math.max(0, new OIDCIdentityProviderConfig(model).getAllowedClockSkew());
    }
}
