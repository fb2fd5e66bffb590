/** Has one verifier for each way to prove a token; the result of a verifier is a {@link Proof}. */
@NullMarked
package io.converttoken.keycloak.verification.verifier;

import org.jspecify.annotations.NullMarked;
