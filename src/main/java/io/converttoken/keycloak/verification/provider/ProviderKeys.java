// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.internals.Causes;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.io.IOException;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.crypto.PublicKeysWrapper;
import org.keycloak.jose.jwk.JSONWebKeySet;
import org.keycloak.jose.jwk.JWK;
import org.keycloak.keys.PublicKeyLoader;
import org.keycloak.keys.PublicKeyStorageProvider;
import org.keycloak.keys.PublicKeyStorageUtils;
import org.keycloak.keys.loader.OIDCIdentityProviderPublicKeyLoader;
import org.keycloak.util.JWKSUtils;
import org.keycloak.util.JsonSerialization;

/**
 * A provider's keys, from the cache that browser logins use, too. The cache decides when keys are loaded again, and we
 * load them within our own limits. The code follows {@code PublicKeyStorageManager.getIdentityProviderKeyWrapper}
 * (Keycloak 26.7.3).
 */
final class ProviderKeys {

    private static final Logger LOGGER = Logger.getLogger(ProviderKeys.class);

    private final ProviderCalls calls;

    ProviderKeys(ProviderCalls calls) {
        this.calls = calls;
    }

    private record Name(@Nullable String url, @Nullable String keyId, String algorithm) {}

    /**
     * Returns the key with that id.
     *
     * @return null if the provider has no such key
     * @throws ProviderUnavailableException when the keys cannot be loaded
     */
    @Nullable
    KeyWrapper find(OIDCIdentityProviderConfig config, @Nullable String keyId, String algorithm) {
        PublicKeyStorageProvider cache = calls.session().getProvider(PublicKeyStorageProvider.class);
        String cacheKey = PublicKeyStorageUtils.getIdpModelCacheKey(
                calls.session().getContext().getRealm().getId(), config.getInternalId());
        PublicKeyLoader loader = loader(config);
        try {
            return calls.access()
                    .lookUp(
                            new Name(config.getJwksUrl(), keyId, algorithm),
                            () -> cache.getPublicKey(cacheKey, keyId, algorithm, loader));
        } catch (ProviderUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            // InfinispanPublicKeyStorageProvider.reloadKeys throws only this type when a key set cannot be loaded
            Optional<Reason> unreadable = Causes.of(e)
                    .filter(ExternalTokenRefusedException.class::isInstance)
                    .map(refused -> ((ExternalTokenRefusedException) refused).reason())
                    .findFirst();
            if (unreadable.isPresent()) {
                // a new exception, because Keycloak may hand the same one to several callers
                throw new ExternalTokenRefusedException(unreadable.get());
            }
            LOGGER.debugf("Keys of identity provider '%s' cannot be loaded", config.getAlias());
            throw ProviderUnavailableException.in(e)
                    .orElseGet(() -> new ProviderUnavailableException(
                            ReasonCode.KEYS_UNAVAILABLE, String.valueOf(config.getJwksUrl())));
        }
    }

    private PublicKeyLoader loader(OIDCIdentityProviderConfig config) {
        if (!config.isUseJwksUrl()) {
            return new OIDCIdentityProviderPublicKeyLoader(calls.session(), config);
        }
        return () -> {
            calls.access().forgetKeys();
            return keys(config.getJwksUrl(), calls.getKeys(config.getJwksUrl()));
        };
    }

    /** Refuses an answer that is not a key set (RFC 7517, section 5), because asking again would not change it. */
    static PublicKeysWrapper keys(String url, String jwks) {
        try {
            JSONWebKeySet keySet = JsonSerialization.readValue(jwks, JSONWebKeySet.class);
            if (keySet.getKeys() != null) {
                return JWKSUtils.getKeyWrappersForUse(keySet, JWK.Use.SIG, true);
            }
        } catch (IOException e) {
            LOGGER.debugf("Keys cannot be read: %s", e.getClass().getName());
        }
        throw new ExternalTokenRefusedException(
                ReasonCode.KEYS_UNREADABLE, Finding.found(() -> CallFailure.address(url) + ": no key set"));
    }
}
