// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.metrics.BackendId;
import java.security.interfaces.ECPrivateKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.common.util.Time;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.KeyWrapper;
import org.keycloak.crypto.ServerECDSASignatureSignerContext;
import org.keycloak.jose.jws.JWSBuilder;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.JsonWebToken;

/**
 * Makes the client secrets that Apple asks for, which are JWTs of our own
 * (<a href="https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret">Creating a
 * client secret</a>). Each node remembers its secrets for half of their life.
 */
public final class AppleSecrets {

    private static final Logger LOGGER = Logger.getLogger(AppleSecrets.class);

    private static final String AUDIENCE = "https://appleid.apple.com";

    /** In seconds. Apple takes up to six months; a secret that leaks is soon worth nothing. */
    private static final int LIFE = 3600;

    private static final int MOST_REMEMBERED = 1000;

    private final Map<Subject, Secret> remembered = new ConcurrentHashMap<>();

    /** Holds the secrets of a node. */
    public interface Keeper {
        AppleSecrets appleSecrets();
    }

    private record Subject(BackendId backend, AppleKey key, String clientId) {}

    private record Secret(String jwt, int staleAt) {

        boolean isFresh() {
            return Time.currentTime() < staleAt;
        }

        @Override
        public String toString() {
            return "Secret[redacted]";
        }
    }

    /** Returns the secrets of the node to which a session belongs. */
    private static AppleSecrets of(KeycloakSession session) {
        return ((Keeper) session.getKeycloakSessionFactory()
                        .getProviderFactory(IdentityProviderMapper.class, ConvertTokenMapper.PROVIDER_ID))
                .appleSecrets();
    }

    /**
     * Returns the secret of a client of ours at Apple.
     *
     * @return nothing if the mapper has no key, or a key that cannot be read any more
     */
    public static Optional<String> secret(KeycloakSession session, Backend backend, String clientId) {
        return backend.appleKey().flatMap(key -> of(session).secret(session, backend, key, clientId));
    }

    private Optional<String> secret(KeycloakSession session, Backend backend, AppleKey key, String clientId) {
        Subject subject = new Subject(backend.id(session.getContext().getRealm()), key, clientId);
        Secret known = remembered.get(subject);
        if (known != null && known.isFresh()) {
            return Optional.of(known.jwt());
        }
        Optional<ECPrivateKey> readable = privateKey(session, backend, key);
        if (readable.isEmpty()) {
            LOGGER.warnf(
                    "Apple knows no client of backend '%s': the private key cannot be read any more", backend.alias());
        }
        return readable.map(privateKey -> {
            Secret made = made(key, privateKey, clientId);
            if (remembered.size() >= MOST_REMEMBERED) {
                remembered.clear();
            }
            remembered.put(subject, made);
            return made.jwt();
        });
    }

    private static Optional<ECPrivateKey> privateKey(KeycloakSession session, Backend backend, AppleKey key) {
        return new ApplePrivateKey(
                        session,
                        session.getContext().getRealm(),
                        backend.identityProvider().getInternalId(),
                        backend.mapperId(),
                        key.privateKey())
                .read();
    }

    private static Secret made(AppleKey key, ECPrivateKey privateKey, String clientId) {
        int now = Time.currentTime();
        JsonWebToken claims = new JsonWebToken()
                .issuer(key.teamId())
                .subject(clientId)
                .audience(AUDIENCE)
                .iat((long) now)
                .exp((long) now + LIFE);
        KeyWrapper signing = new KeyWrapper();
        signing.setKid(key.keyId());
        signing.setAlgorithm(Algorithm.ES256);
        signing.setPrivateKey(privateKey);
        return new Secret(
                new JWSBuilder().jsonContent(claims).sign(new ServerECDSASignatureSignerContext(signing)),
                now + LIFE / 2);
    }
}
