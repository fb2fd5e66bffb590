// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.util.Map;

/** Whom tokens are for: Keycloak introspects and exchanges them for those clients only. */
public final class Audiences {

    private Audiences() {}

    /** From now on, access tokens of the client name these clients. */
    public static void add(TestRealm realm, String clientId, String... audiences) {
        for (String audience : audiences) {
            realm.admin()
                    .addProtocolMapper(
                            realm.name(),
                            clientId,
                            Map.of(
                                    "name",
                                    "audience " + audience,
                                    "protocol",
                                    "openid-connect",
                                    "protocolMapper",
                                    "oidc-audience-mapper",
                                    "config",
                                    Map.of(
                                            "included.client.audience", audience,
                                            "access.token.claim", "true",
                                            "introspection.token.claim", "true")));
        }
    }
}
