// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.logging.Logger;

/** Releases what was not read. Otherwise the platform keeps it as long as the thread has nothing else to do. */
final class UnreadBody extends FilterInputStream {

    private static final Logger LOGGER = Logger.getLogger(UnreadBody.class);

    UnreadBody(InputStream body) {
        super(body);
    }

    @Override
    public void close() {
        try {
            super.close();
        } catch (IOException e) {
            LOGGER.debugf("A caller has gone: %s", e.getClass().getName());
        }
    }
}
