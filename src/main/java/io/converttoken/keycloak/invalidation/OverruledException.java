// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import java.util.Collection;

/** Another extension decides about refresh tokens in place of this one, so that invalidated tokens would still work. */
public final class OverruledException extends RefusedException {

    /** The description for the caller. */
    public static final String DESCRIPTION =
            "Another extension decides about refresh tokens, so that they cannot be invalidated";

    private static final long serialVersionUID = 1L;

    /** @param deciding the names of the classes that decide, for the event and the log */
    OverruledException(Collection<String> deciding) {
        super(Reason.of(ReasonCode.REFRESH_TOKENS_OVERRULED, deciding));
    }
}
