// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.foreign;

import org.keycloak.protocol.oidc.RefreshTokenIntrospectionProviderFactory;

/** Introspects refresh tokens as Keycloak does it, and comes before all. */
public final class ForeignIntrospectionProviderFactory extends RefreshTokenIntrospectionProviderFactory {

    @Override
    public int order() {
        return 1000;
    }
}
