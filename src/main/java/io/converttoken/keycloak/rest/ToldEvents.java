// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import org.keycloak.events.EventBuilder;
import org.keycloak.models.KeycloakSession;

/**
 * The events of a call, which remember whether an error was sent. Up to Keycloak 26.7.3 the event itself shows that.
 * Since 26.7.4 {@link EventBuilder} sends a copy, and the event itself stays unchanged.
 */
final class ToldEvents extends EventBuilder {

    private boolean isErrorTold;

    ToldEvents(KeycloakSession session) {
        super(session.getContext().getRealm(), session, session.getContext().getConnection());
    }

    @Override
    public void error(String error) {
        super.error(error);
        isErrorTold = true;
    }

    boolean isErrorTold() {
        return isErrorTold;
    }
}
