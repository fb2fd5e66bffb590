// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import java.util.Locale;

/** What a signal did to an account, besides ending sessions. */
enum AccountChange {
    NONE,
    DISABLED,
    ENABLED,
    DISCONNECTED;

    /** Returns the name that events have. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
