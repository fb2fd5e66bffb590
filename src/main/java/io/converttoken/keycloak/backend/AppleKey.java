// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

/**
 * What client secrets for Apple are made of.
 *
 * @param teamId the id of our team
 * @param keyId the id that Apple gave to the key
 * @param privateKey the mapper's value for the key, see {@link ApplePrivateKey}
 */
public record AppleKey(String teamId, String keyId, String privateKey) {

    /** Leaves the key out. */
    @Override
    public String toString() {
        return "AppleKey[" + teamId + ", " + keyId + "]";
    }
}
