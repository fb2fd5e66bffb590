// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import org.keycloak.common.Version;

/**
 * Refuses to start if refresh tokens could not be invalidated. Before 26.7, Keycloak does not ask the provider that
 * refuses them, so an invalidation would be answered with success and do nothing.
 */
public final class SupportedKeycloak {

    private static final String NEEDED = "org.keycloak.protocol.oidc.refresh.RefreshTokenProvider";

    private SupportedKeycloak() {}

    /** @throws IllegalStateException on a Keycloak older than 26.7 */
    public static void require() {
        try {
            Class.forName(NEEDED, false, SupportedKeycloak.class.getClassLoader());
        } catch (ClassNotFoundException tooOld) {
            // not as the cause, because kc.sh would print it below the message
            throw new IllegalStateException("Keycloak Convert Token needs Keycloak 26.7 or newer, and this is "
                    + Version.VERSION + ". Remove its JAR from the providers directory, or upgrade Keycloak.");
        }
    }
}
