// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.internals.ServerRows;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.vault.VaultStringSecret;

/**
 * The private key with which Apple knows our team, as a mapper has it: a reference to the vault, or the content of the
 * {@code .p8} file that Apple gives. Keycloak shows the values of mappers to everybody who may see the mapper. Therefore
 * a key that is saved moves into a row of ours, and the mapper keeps its fingerprint.
 */
public final class ApplePrivateKey {

    /** The kind of the rows. */
    public static final String KIND = "apple-key";

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Pattern STORED = Pattern.compile("stored:[0-9a-f]{16}");
    private static final int P_256 = 256;
    private static final int FINGERPRINT_BYTES = 8;

    private final KeycloakSession session;
    private final ServerRows.Key row;
    private final String value;

    /**
     * @param identityProviderId the internal id of the identity provider
     * @param value the mapper's value
     */
    ApplePrivateKey(
            KeycloakSession session, RealmModel realm, String identityProviderId, String mapperId, String value) {
        this.session = session;
        this.row = ServerRows.Key.of(KIND, realm.getId(), identityProviderId, mapperId);
        this.value = value;
    }

    /** Returns the key of a mapper, if the mapper's identity provider is there. */
    static Optional<ApplePrivateKey> of(KeycloakSession session, RealmModel realm, IdentityProviderMapperModel mapper) {
        return Optional.ofNullable(session.identityProviders().getByAlias(mapper.getIdentityProviderAlias()))
                .map(identityProvider -> new ApplePrivateKey(
                        session,
                        realm,
                        identityProvider.getInternalId(),
                        mapper.getId(),
                        BackendConfig.Key.APPLE_PRIVATE_KEY.in(BackendConfig.configOf(mapper))));
    }

    /** Returns whether a value can be a key. It is not looked up. */
    static boolean isSound(String value) {
        return value.isEmpty()
                || BackendConfig.isVaultReference(value)
                || STORED.matcher(value).matches()
                || parsed(value).isPresent();
    }

    /** Returns the key, if it is found and is a key on the curve P-256, which Apple's algorithm ES256 needs. */
    Optional<ECPrivateKey> read() {
        if (BackendConfig.isVaultReference(value)) {
            try (VaultStringSecret secret = session.vault().getStringSecret(value)) {
                return secret.get().flatMap(ApplePrivateKey::parsed);
            }
        }
        if (STORED.matcher(value).matches()) {
            return ServerRows.read(session, row)
                    .filter(pem -> fingerprint(pem).equals(value))
                    .flatMap(ApplePrivateKey::parsed);
        }
        return parsed(value);
    }

    /** Moves a key into its row, and returns what the mapper keeps of it. A row that the mapper does not use is deleted. */
    String hidden() {
        if (STORED.matcher(value).matches()) {
            return value;
        }
        if (parsed(value).isEmpty()) {
            ServerRows.deleteAll(session, row);
            return value;
        }
        ServerRows.write(session, row, value);
        return fingerprint(value);
    }

    /** Deletes the row of a mapper. */
    static void forget(KeycloakSession session, RealmModel realm, String identityProviderId, String mapperId) {
        ServerRows.deleteAll(session, ServerRows.Key.of(KIND, realm.getId(), identityProviderId, mapperId));
    }

    private static String fingerprint(String pem) {
        byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, pem.getBytes(StandardCharsets.UTF_8));
        return "stored:" + HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
    }

    /** Reads PKCS #8 in PEM (RFC 7468, section 10), also where a form has made blanks of its line ends. */
    private static Optional<ECPrivateKey> parsed(String text) {
        Matcher pem = PEM.matcher(text.trim());
        if (!pem.matches()) {
            return Optional.empty();
        }
        try {
            byte[] der = Base64.getDecoder().decode(pem.group(1).replaceAll("\\s", ""));
            return Optional.of(KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)))
                    .map(ECPrivateKey.class::cast)
                    .filter(key -> key.getParams().getOrder().bitLength() == P_256);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty(); // the message may quote the key
        }
    }
}
