// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import org.keycloak.events.EventBuilder;
import org.keycloak.models.KeycloakSession;

/** Drops the events of flows that run without a page, because the conversion has an event of its own. */
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

    /** Returns unsent events too, because Keycloak sends the events that it clones. */
    @Override
    @SuppressWarnings({"MethodDoesntCallSuperMethod", "CloneDoesntCallSuperClone"})
    public EventBuilder clone() {
        return new UnsentEvents(session);
    }
}
