// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a provider has signed about something else than a sign-in. Only {@link ProviderStatements} makes one, after it
 * has checked who signed it, for whom, and when.
 *
 * @param claims the claims, an object
 * @param digest the digest of what was signed; the signature is not part of it
 */
public record Statement(JsonNode claims, String digest) {

    @Override
    public String toString() {
        return "Statement[" + digest + "]";
    }
}
