// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import io.converttoken.keycloak.metrics.Meters;
import java.util.Map;

/**
 * All settings of a backend. What this node knows of the backend's provider holds only as long as the settings stay the
 * same.
 *
 * @param meters the backend's meters; once they are dropped, another backend may have the backend's name
 * @param identityProvider the identity provider's settings, which nobody changes
 * @param mapper the settings of its mapper
 */
public record BackendSettings(Meters meters, Map<String, String> identityProvider, Record mapper) {

    /** Does not show the settings, because there are secrets among them. */
    @Override
    public String toString() {
        return meters.toString();
    }
}
