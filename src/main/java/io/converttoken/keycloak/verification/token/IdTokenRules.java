// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Finding;
import java.util.Set;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.models.IdentityProviderModel;

/**
 * The rules for the ID tokens of one provider, besides the rules for all ID tokens.
 *
 * @param config says where the provider's keys are
 * @param issuer refuses the claims of another issuer
 * @param ourClientIds our client ids at the provider, of which the audience must contain one
 * @param authorizedParty says which clients {@code azp} may name
 */
public record IdTokenRules(
        OIDCIdentityProviderConfig config,
        IssuerRule issuer,
        Set<String> ourClientIds,
        AuthorizedParty authorizedParty) {

    /** Refuses the claims of another issuer. */
    @FunctionalInterface
    public interface IssuerRule {
        Finding require(TokenClaims claims);
    }

    /** Says which clients {@code azp} may name (OpenID Connect Core, section 2). */
    public enum AuthorizedParty {
        /** One of our client ids. */
        OURS,

        /** Any client, because the provider documents that the audience alone decides. */
        ANYBODY
    }

    public IdTokenRules {
        ourClientIds = Set.copyOf(ourClientIds);
    }

    /** Returns the rules for an OpenID Connect provider, from its configuration. */
    public static IdTokenRules of(Backend backend) {
        OIDCIdentityProviderConfig config = new OIDCIdentityProviderConfig(backend.identityProvider());
        return new IdTokenRules(
                config,
                claims -> claims.requireIssuer(Issuers.of(config)),
                backend.ourClientIds(),
                AuthorizedParty.OURS);
    }

    /** Returns the rules for a provider whose issuer and key set are known, whatever its configuration says. */
    public static IdTokenRules pinned(Backend backend, String jwksUrl, IssuerRule issuer) {
        return new IdTokenRules(keysAt(backend, jwksUrl), issuer, backend.ourClientIds(), AuthorizedParty.OURS);
    }

    public static IssuerRule issuer(String... pinned) {
        Set<String> trusted = Set.of(pinned);
        return claims -> claims.requireIssuer(trusted);
    }

    public IdTokenRules with(AuthorizedParty other) {
        return new IdTokenRules(config, issuer, ourClientIds, other);
    }

    public IdTokenRules onlyFor(Set<String> clientIds) {
        return new IdTokenRules(config, issuer, clientIds, authorizedParty);
    }

    private static OIDCIdentityProviderConfig keysAt(Backend backend, String jwksUrl) {
        OIDCIdentityProviderConfig config =
                new OIDCIdentityProviderConfig(new IdentityProviderModel(backend.identityProvider()));
        config.setUseJwksUrl(true);
        config.setJwksUrl(jwksUrl);
        return config;
    }
}
