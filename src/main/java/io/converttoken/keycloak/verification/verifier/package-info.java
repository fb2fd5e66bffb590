/** One verifier for each way to prove a token; what it has proven is a {@link Proof}. */
@NullMarked
package io.converttoken.keycloak.verification.verifier;

import org.jspecify.annotations.NullMarked;
