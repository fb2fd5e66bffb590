// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.util.Map;
import java.util.Optional;

/** What a provider says in claim {@code email_verified} (OpenID Connect Core, section 5.1). Some write booleans as text. */
public enum EmailVerified {
    YES,
    NO,
    NO_AS_TEXT,
    UNSAID;

    /** The value of the claim, where the provider says something. */
    public Optional<Object> claim() {
        return switch (this) {
            case YES -> Optional.of(true);
            case NO -> Optional.of(false);
            case NO_AS_TEXT -> Optional.of("false");
            case UNSAID -> Optional.empty();
        };
    }

    /** Whether the provider says that the address is not verified. */
    public boolean isDenied() {
        return this == NO || this == NO_AS_TEXT;
    }

    /** Adds the claim, where there is one. */
    public void putInto(Map<String, Object> claims) {
        claim().ifPresent(value -> claims.put("email_verified", value));
    }

    /** The same by a provider that writes booleans as text. */
    public void putAsTextInto(Map<String, Object> claims) {
        claim().ifPresent(value -> claims.put("email_verified", value.toString()));
    }
}
