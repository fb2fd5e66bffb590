// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.metrics;

/**
 * A backend, identified by ids that no other backend gets.
 *
 * @param realm the realm's id
 * @param identityProvider the identity provider's internal id
 * @param mapper the id of its mapper of our type
 */
public record BackendId(String realm, String identityProvider, String mapper) {

    private static final String NONE = "";

    /** Returns an id for what concerns the realm and none of its backends. */
    static BackendId noneOf(String realm) {
        return new BackendId(realm, NONE, NONE);
    }

    /** Returns whether this is the id of a backend, and not of a realm alone. */
    public boolean isOfBackend() {
        return !identityProvider.equals(NONE);
    }
}
