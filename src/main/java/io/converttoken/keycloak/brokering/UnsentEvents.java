// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import org.keycloak.events.EventBuilder;
import org.keycloak.models.KeycloakSession;

/** Events of flows that are tried without a page: what comes of the conversion is told by its own event. */
final class UnsentEvents extends EventBuilder {

    private final KeycloakSession session;

    UnsentEvents(KeycloakSession session) {
        super(session.getContext().getRealm(), session, session.getContext().getConnection());
        this.session = session;
    }

    @Override
    public void success() {
        // not sent
    }

    @Override
    public void error(String error) {
        // not sent
    }

    /** What core clones, it sends. */
    @Override
    @SuppressWarnings({"MethodDoesntCallSuperMethod", "CloneDoesntCallSuperClone"})
    public EventBuilder clone() {
        return new UnsentEvents(session);
    }
}
