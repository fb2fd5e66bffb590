// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.ws.rs.core.HttpHeaders;
import java.util.Locale;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.multipart.FormData;

/**
 * The form that the platform has read before it calls a method. It reads {@code multipart/form-data} of any caller up
 * to its own limit (10 MB), with a lenient parser, and writes files to temporary files, because Keycloak adds the
 * {@code FormBodyHandler} of Quarkus REST to every POST ({@code KeycloakHandlerChainCustomizer}, Keycloak 26.7.3).
 */
public final class PlatformForm {

    private static final Logger LOGGER = Logger.getLogger(PlatformForm.class);

    private static final String MULTIPART = "multipart/";

    private PlatformForm() {}

    /**
     * Leaves a multipart body unread, for the method that is called next. The handler does nothing if the request has
     * form data, so the request gets empty form data. The locator of the resource must call this, because it runs
     * before the handler.
     */
    public static void leaveMultipart(HttpHeaders headers) {
        String type = headers.getHeaderString(HttpHeaders.CONTENT_TYPE);
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith(MULTIPART)) {
            setEmpty();
        }
    }

    /**
     * A later Keycloak may have other classes. The platform then reads a multipart body first, as everywhere in
     * Keycloak, and we read it once more.
     */
    private static void setEmpty() {
        try {
            CurrentRequestManager.get().setFormData(new FormData(0));
        } catch (LinkageError e) {
            LOGGER.debugf(
                    "The platform reads multipart bodies first: %s",
                    e.getClass().getName());
        }
    }
}
