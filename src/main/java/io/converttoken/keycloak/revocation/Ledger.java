// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.internals.ServerRows;
import java.util.List;
import org.keycloak.models.KeycloakSession;

/**
 * What providers gave that can be revoked, noted when it comes. Keycloak deletes users and identities in bulk without a
 * word, and what is noted here is then still known. There is a row for each realm, user, identity provider and client id.
 */
final class Ledger {

    static final String KIND = "revocable";

    private Ledger() {}

    static void note(KeycloakSession session, Entry entry) {
        ServerRows.write(
                session,
                ServerRows.Key.of(
                        KIND,
                        entry.realm(),
                        entry.user(),
                        entry.provider(),
                        entry.revocable().clientId()),
                entry.text());
    }

    static List<ServerRows.Row> of(KeycloakSession session, String realm, String user) {
        return ServerRows.all(session, ServerRows.Key.of(KIND, realm, user));
    }

    static List<ServerRows.Row> of(KeycloakSession session, String realm, String user, String provider) {
        return ServerRows.all(session, ServerRows.Key.of(KIND, realm, user, provider));
    }

    /** Forgets all of a realm. What was of an identity provider alone is forgotten by the sweep. */
    static void forget(KeycloakSession session, String realm) {
        ServerRows.deleteAll(session, ServerRows.Key.of(KIND, realm));
    }
}
