// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.net.URI;

/** A Keycloak that is up, whichever way it was started. */
interface RunningKeycloak extends AutoCloseable {

    /** Where the server answers, without a slash at its end. */
    URI base();

    /** Where health and metrics are, without a slash at its end. */
    URI management();

    String log();

    @Override
    void close();
}
