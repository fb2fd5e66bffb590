// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import io.converttoken.keycloak.metrics.Meters;
import java.util.Map;

/**
 * All that an admin can set of a backend. What is known of its provider holds only as long as they stay the same.
 *
 * @param meters of the backend; once they are dropped, another backend may have its name
 * @param identityProvider the identity provider's settings, which nobody changes
 * @param mapper the settings of its mapper
 */
public record BackendSettings(Meters meters, Map<String, String> identityProvider, Record mapper) {

    /** Without the settings, because there are secrets among them. */
    @Override
    public String toString() {
        return meters.toString();
    }
}
