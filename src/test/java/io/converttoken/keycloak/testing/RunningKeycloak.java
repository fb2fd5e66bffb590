package io.converttoken.keycloak.testing;

import java.net.URI;

/** A Keycloak that is up, whichever way it was started. */
interface RunningKeycloak extends AutoCloseable {

    URI base();

    /** Where health and metrics are, without a path. */
    URI management();

    String log();

    @Override
    void close();
}
