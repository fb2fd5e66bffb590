// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.util.Collection;

/** Another extension decides about refresh tokens in place of this one, so that invalidated tokens would still work. */
public final class OverruledException extends RuntimeException {

    /** The description for the caller. */
    public static final String DESCRIPTION =
            "Another extension decides about refresh tokens, so that they cannot be invalidated";

    private static final long serialVersionUID = 1L;

    /** @param deciding the names of the classes that decide, for the event and the log */
    OverruledException(Collection<String> deciding) {
        super(String.join(", ", deciding) + " decides about refresh tokens");
    }
}
