// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.List;
import java.util.Set;

/**
 * What must hold of one kind of signed statement.
 *
 * @param types the values that {@code typ} of the header may have, in lower case (RFC 8725, section 3.11)
 * @param mayBeUntyped whether {@code typ} may be absent, or {@code JWT}, because some providers say nothing more
 * @param signers who may have signed it, the first that matches its issuer decides
 * @param audience of which {@code aud} must contain one
 * @param expiry what is said of {@code exp}
 */
public record StatementRules(
        Set<String> types, boolean mayBeUntyped, List<Signer> signers, Set<String> audience, Expiry expiry) {

    public StatementRules {
        types = Set.copyOf(types);
        signers = List.copyOf(signers);
        audience = Set.copyOf(audience);
    }

    /** Who signs. */
    public enum Signer {
        /** The identity provider, with the keys of its ID tokens. */
        IDENTITY_PROVIDER,

        /**
         * The mapper's {@code signalIssuer}, with the keys of {@code signalKeysUrl}. What the mapper does not say is
         * the identity provider's.
         */
        SIGNAL_ISSUER
    }

    /** What is said of the expiry. */
    public enum Expiry {
        REQUIRED,
        CHECKED_IF_PRESENT,
        IGNORED
    }
}
