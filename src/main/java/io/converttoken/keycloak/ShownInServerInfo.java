// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.keycloak.provider.ServerInfoAwareProviderFactory;

/** A factory that the admin console lists, with the extension's version, under Server info > Provider info. */
public interface ShownInServerInfo extends ServerInfoAwareProviderFactory {

    @Override
    default Map<String, String> getOperationalInfo() {
        return new TreeMap<>(Map.of("extension", "Keycloak Convert Token", "version", version()));
    }

    /** Returns the version in the JAR's manifest. */
    private static String version() {
        return Optional.ofNullable(ShownInServerInfo.class.getPackage().getImplementationVersion())
                .orElse("unknown");
    }
}
