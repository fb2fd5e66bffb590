// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.util.Map;
import java.util.UUID;

/** Security event tokens of a {@link FakeProvider}. */
public final class SecurityEvents {

    private static final String SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

    private SecurityEvents() {}

    /** All sessions of the person have ended. */
    public static JwtBuilder sessionRevoked(FakeProvider provider, String subject) {
        return new JwtBuilder(provider, Person.unknown())
                .type("secevent+jwt")
                .noSubject()
                .noExpiry()
                .audience(FakeProvider.CLIENT_ID)
                .claim("jti", UUID.randomUUID().toString())
                .claim("sub_id", Map.of("format", "opaque", "id", subject))
                .claim("events", Map.of(SESSION_REVOKED, Map.of()));
    }

    /** Sends it to the backend. */
    public static Answer send(TestRealm realm, String alias, JwtBuilder event) {
        return realm.call("/auth/signals/" + alias)
                .body("application/secevent+jwt", event.mint())
                .post();
    }
}
