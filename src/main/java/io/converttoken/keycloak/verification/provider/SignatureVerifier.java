// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.token.SignedJwt;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.common.VerificationException;
import org.keycloak.common.util.PemException;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.crypto.KeyType;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.crypto.SignatureProvider;
import org.keycloak.keys.loader.HardcodedPublicKeyLoader;
import org.keycloak.models.KeycloakSession;
import org.keycloak.utils.StringUtil;

/**
 * Checks a JWT's signature with the keys that the identity provider is configured with, cached and reloaded as
 * Keycloak does it. Keys that the token itself offers ({@code jwk}, {@code jku}, {@code x5c}, {@code x5u}) are never
 * looked at, and symmetric algorithms are refused (RFC 8725, sections 3.1 and 3.2).
 */
public final class SignatureVerifier {

    private static final Set<String> ASYMMETRIC = Set.of(
            Algorithm.RS256,
            Algorithm.RS384,
            Algorithm.RS512,
            Algorithm.PS256,
            Algorithm.PS384,
            Algorithm.PS512,
            Algorithm.ES256,
            Algorithm.ES384,
            Algorithm.ES512,
            Algorithm.EdDSA,
            Algorithm.Ed25519);

    private final KeycloakSession session;
    private final ProviderKeys keys;
    private final Checks checks;

    public SignatureVerifier(ProviderCalls calls) {
        this.checks = calls.checks();
        this.session = calls.session();
        this.keys = new ProviderKeys(calls);
    }

    /** Returns whether the identity provider has keys at all, so that its JWTs can be verified here. */
    public static boolean hasKeys(OIDCIdentityProviderConfig config) {
        return config.isUseJwksUrl()
                ? StringUtil.isNotBlank(config.getJwksUrl())
                : StringUtil.isNotBlank(config.getPublicKeySignatureVerifier());
    }

    /**
     * Refuses a JWT that the provider did not sign. The algorithm and the key are checks of their own.
     *
     * @throws ExternalTokenRefusedException when the signature does not hold
     * @throws ProviderUnavailableException when the provider's keys cannot be loaded
     */
    public Finding verify(SignedJwt jwt, OIDCIdentityProviderConfig config) {
        checks.inOrder(step(Check.ALGORITHM, () -> requireAlgorithm(jwt)));
        Supplier<Object> keyId = () -> "kid " + jwt.keyId().orElse("none");
        KeyWrapper key = checks.make(Check.KEY, () -> key(jwt, config, keyId), found -> Finding.found(keyId));
        if (!isSignedBy(key, jwt)) {
            throw new ExternalTokenRefusedException(ReasonCode.SIGNATURE_INVALID, Finding.found(keyId));
        }
        return Finding.nothing();
    }

    private static Finding requireAlgorithm(SignedJwt jwt) {
        if (jwt.hasCriticalHeader()) {
            throw new ExternalTokenRefusedException(ReasonCode.CRITICAL_HEADER);
        }
        Finding finding = Finding.of(() -> ASYMMETRIC, () -> "alg " + jwt.algorithm());
        if (!ASYMMETRIC.contains(jwt.algorithm())) {
            throw new ExternalTokenRefusedException(ReasonCode.ALGORITHM_UNSUPPORTED, finding);
        }
        return finding;
    }

    private boolean isSignedBy(KeyWrapper key, SignedJwt jwt) {
        SignatureProvider signatures = session.getProvider(SignatureProvider.class, keycloaksName(jwt.algorithm()));
        if (signatures == null) {
            throw new ExternalTokenRefusedException(ReasonCode.ALGORITHM_UNSUPPORTED);
        }
        try {
            return signatures
                    .verifier(key)
                    .verify(jwt.signingInput().getBytes(StandardCharsets.US_ASCII), jwt.signature());
        } catch (VerificationException e) {
            return false;
        }
    }

    private KeyWrapper key(SignedJwt jwt, OIDCIdentityProviderConfig config, Supplier<Object> keyId) {
        if (!hasKeys(config)) {
            throw new ExternalTokenRefusedException(ReasonCode.KEYS_NOT_CONFIGURED);
        }
        KeyWrapper found = find(jwt, config);
        if (found == null || !isFor(found, jwt.algorithm())) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.KEY_UNKNOWN,
                    Finding.of(() -> keysOf(config), () -> keyId.get() + ", alg " + jwt.algorithm()));
        }
        KeyWrapper key = found.cloneKey(); // the key in the cache must not change
        key.setAlgorithm(keycloaksName(jwt.algorithm()));
        return key;
    }

    private static String keysOf(OIDCIdentityProviderConfig config) {
        return config.isUseJwksUrl()
                ? "a key of " + CallFailure.address(config.getJwksUrl())
                : "the key of the identity provider's page";
    }

    private @Nullable KeyWrapper find(SignedJwt jwt, OIDCIdentityProviderConfig config) {
        return isOnePublicKey(config)
                ? configuredKey(jwt, config)
                : keys.find(config, jwt.keyId().orElse(null), jwt.algorithm());
    }

    private static boolean isOnePublicKey(OIDCIdentityProviderConfig config) {
        return !config.isUseJwksUrl()
                && !config.getPublicKeySignatureVerifier().trim().startsWith("{");
    }

    /**
     * Returns the one key that the admin pasted. The cache is not asked, because without a configured key id it stores
     * the key under the id that a token names. A forged token with another id would then shut out the genuine ones
     * until the next reload.
     */
    private static @Nullable KeyWrapper configuredKey(SignedJwt jwt, OIDCIdentityProviderConfig config) {
        String configuredId = config.getPublicKeySignatureVerifierKeyId();
        boolean isNamed = StringUtil.isNotBlank(configuredId) && jwt.keyId().isPresent();
        if (isNamed && !configuredId.trim().equals(jwt.keyId().get())) {
            return null;
        }
        try {
            return new ConfiguredKey(config.getPublicKeySignatureVerifier(), jwt.algorithm()).getSavedPublicKey();
        } catch (PemException e) {
            return null; // the key's type is not that of the token's algorithm
        }
    }

    /** Reads a PEM as Keycloak does. */
    private static final class ConfiguredKey extends HardcodedPublicKeyLoader {

        ConfiguredKey(String pem, String algorithm) {
            super("configured", pem, algorithm);
        }

        @Override
        protected KeyWrapper getSavedPublicKey() {
            return super.getSavedPublicKey();
        }
    }

    /**
     * Returns the name by which Keycloak knows the algorithm. RFC 9864, section 2.2, gives {@code EdDSA} with the curve
     * Ed25519 a name of its own, which Keycloak does not know yet.
     */
    private static String keycloaksName(String algorithm) {
        return algorithm.equals(Algorithm.Ed25519) ? Algorithm.EdDSA : algorithm;
    }

    private static boolean isFor(KeyWrapper key, String algorithm) {
        if (key.getAlgorithm() != null && !keycloaksName(key.getAlgorithm()).equals(keycloaksName(algorithm))) {
            return false;
        }
        boolean isNamedByCurve = Algorithm.Ed25519.equals(algorithm) || Algorithm.Ed25519.equals(key.getAlgorithm());
        if (isNamedByCurve && !Algorithm.Ed25519.equals(key.getCurve())) {
            return false;
        }
        return keyType(keycloaksName(algorithm)).equals(key.getType());
    }

    private static String keyType(String algorithm) {
        if (JavaAlgorithm.isECJavaAlgorithm(algorithm)) {
            return KeyType.EC;
        }
        return JavaAlgorithm.isEddsaJavaAlgorithm(algorithm) ? KeyType.OKP : KeyType.RSA;
    }
}
