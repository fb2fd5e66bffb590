// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.metrics;

import io.micrometer.core.instrument.Tags;

/**
 * The names of a backend in metrics.
 *
 * @param realm the realm's name
 * @param backend the alias of an identity provider of the realm, and never a name that a caller made up
 */
public record Labels(String realm, String backend) {

    private static final String NO_BACKEND = "none";

    /** Returns the labels for what concerns the realm and none of its backends. */
    static Labels ofRealm(String realm) {
        return new Labels(realm, NO_BACKEND);
    }

    boolean isOfRealm() {
        return backend.equals(NO_BACKEND);
    }

    Tags tags() {
        return Tags.of("realm", realm, "backend", backend);
    }
}
