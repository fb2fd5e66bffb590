// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Sha256;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Builds an authorization code as a native SDK hands it to an app, good until the builder is told otherwise. */
public final class CodeBuilder {

    private final BiConsumer<String, Authorization> issue;
    private Authorization authorization;

    CodeBuilder(Authorization authorization, BiConsumer<String, Authorization> issue) {
        this.authorization = authorization;
        this.issue = issue;
    }

    /** Asked for by another client of the provider's. */
    public CodeBuilder issuedTo(String clientId) {
        authorization = authorization.issuedTo(clientId);
        return this;
    }

    /** Asked for with a redirect address. */
    public CodeBuilder redirectingTo(String uri) {
        authorization = authorization.redirectingTo(Optional.of(uri));
        return this;
    }

    /** Asked for with a nonce, which the ID token carries. */
    public CodeBuilder nonce(String nonce) {
        authorization = authorization.withNonce(nonce);
        return this;
    }

    /** Asked for with the challenge of this verifier (RFC 7636, S256). */
    public CodeBuilder verifiedBy(String codeVerifier) {
        authorization = authorization.challenged(Sha256.base64Url(codeVerifier));
        return this;
    }

    /** What the provider gives for it differs from what it normally gives. */
    public CodeBuilder giving(Consumer<Map<String, Object>> change) {
        authorization = authorization.giving(change);
        return this;
    }

    /** A code that the provider has forgotten. */
    public String expired() {
        return newCode();
    }

    /** The code, known to the provider from here on. */
    public String mint() {
        String code = newCode();
        issue.accept(code, authorization);
        return code;
    }

    private static String newCode() {
        return "c." + UUID.randomUUID();
    }
}
