package io.converttoken.keycloak.verification;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.utils.StringUtil;

/** What an OpenID Connect identity provider's configuration says about its tokens. */
final class Issuers {

    private Issuers() {}

    /** The trusted issuers: a comma-separated list, as Keycloak's {@code OIDCIdentityProvider.validateToken} reads it. */
    static Set<String> of(OIDCIdentityProviderConfig config) {
        String issuers = config.getIssuer();
        if (StringUtil.isBlank(issuers)) {
            return Set.of();
        }
        return Arrays.stream(issuers.split(",", -1))
                .map(String::trim)
                .filter(issuer -> !issuer.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Seconds of clock skew: what the identity provider allows, and never more than 30. */
    static int clockSkew(OIDCIdentityProviderConfig config) {
        return Math.min(Math.max(0, config.getAllowedClockSkew()), TokenClaims.MAX_CLOCK_SKEW);
    }
}
