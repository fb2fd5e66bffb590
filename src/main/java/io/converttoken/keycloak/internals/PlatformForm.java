// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import jakarta.ws.rs.core.HttpHeaders;
import java.util.Locale;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.multipart.FormData;

/**
 * The form that the platform has read before it calls a method. Of {@code multipart/form-data} it reads up to its own limit
 * (10 MB), by a lenient parser, and puts files into temporary files, whoever sends them: Keycloak adds the {@code
 * FormBodyHandler} of Quarkus REST to every POST ({@code KeycloakHandlerChainCustomizer}, Keycloak 26.7.3).
 */
public final class PlatformForm {

    private static final Logger LOGGER = Logger.getLogger(PlatformForm.class);

    private static final String MULTIPART = "multipart/";

    private PlatformForm() {}

    /**
     * Leaves a multipart body to the method that is called next, as it comes from the network. The handler does nothing where
     * the request has its form data, so the request gets empty ones. To be called by the locator of the resource, which runs before.
     */
    public static void leaveMultipart(HttpHeaders headers) {
        String type = headers.getHeaderString(HttpHeaders.CONTENT_TYPE);
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith(MULTIPART)) {
            setEmpty();
        }
    }

    /** A later Keycloak may have other classes: then a multipart body is read as everywhere in Keycloak, and by us once more. */
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
