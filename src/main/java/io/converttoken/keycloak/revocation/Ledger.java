// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.internals.ServerRows;
import java.util.List;
import org.keycloak.models.KeycloakSession;

/**
 * What providers gave that can be revoked, noted when it comes. Keycloak deletes users and identities in bulk without a
 * word, and what is noted here is then still known. A row for each realm, identity provider, person and client id.
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
                        entry.provider(),
                        entry.revocable().person(),
                        entry.revocable().clientId()),
                entry.text());
    }

    static List<ServerRows.Row> of(KeycloakSession session, String realm, String provider, String person) {
        return ServerRows.all(session, ServerRows.Key.of(KIND, realm, provider, person));
    }

    /** @param names the identity provider's internal id, or nothing for all of the realm */
    static void forget(KeycloakSession session, String realm, String... names) {
        ServerRows.deleteAll(session, ServerRows.Key.of(KIND, realm, names));
    }
}
