// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static io.converttoken.keycloak.signals.Meaning.ACCOUNT_DISABLED;
import static io.converttoken.keycloak.signals.Meaning.ACCOUNT_ENABLED;
import static io.converttoken.keycloak.signals.Meaning.ACCOUNT_GONE;
import static io.converttoken.keycloak.signals.Meaning.NOTED;
import static io.converttoken.keycloak.signals.Meaning.SESSIONS_END;
import static java.util.Map.entry;

import java.util.Map;

/**
 * What the types of security events mean: those of CAEP 1.0 and RISC 1.0, and those of Google, which are older. A type
 * that is not here is noted.
 */
final class EventTypes {

    private static final String CAEP = "https://schemas.openid.net/secevent/caep/event-type/";
    private static final String RISC = "https://schemas.openid.net/secevent/risc/event-type/";
    private static final String OAUTH = "https://schemas.openid.net/secevent/oauth/event-type/";

    private static final Map<String, Meaning> MEANINGS = Map.ofEntries(
            entry(CAEP + "session-revoked", SESSIONS_END),
            entry(RISC + "sessions-revoked", SESSIONS_END),
            entry(RISC + "credential-compromise", SESSIONS_END),
            entry(RISC + "account-disabled", ACCOUNT_DISABLED),
            entry(RISC + "account-enabled", ACCOUNT_ENABLED),
            entry(RISC + "account-purged", ACCOUNT_GONE),
            entry(OAUTH + "token-revoked", SESSIONS_END),
            entry(OAUTH + "tokens-revoked", SESSIONS_END));

    private EventTypes() {}

    static Meaning meaningOf(String type) {
        return MEANINGS.getOrDefault(type, NOTED);
    }
}
