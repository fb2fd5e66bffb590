// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

/**
 * Something that a provider gave us for a person, and that it can take back.
 *
 * @param person the person's id at the provider
 * @param clientId our client id at the provider, to which it was given
 * @param token the token, or an empty text where the provider revokes by the person's id
 */
public record Revocable(String person, String clientId, String token) {

    public boolean isToken() {
        return !token.isEmpty();
    }

    @Override
    public String toString() {
        return "Revocable[" + clientId + "]";
    }
}
