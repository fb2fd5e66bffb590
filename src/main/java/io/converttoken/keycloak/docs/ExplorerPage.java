// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.keycloak.models.KeycloakSession;

/** The explorer, which shows the description of the API. */
final class ExplorerPage {

    private static final List<String> VARIABLES = List.of(
            "CLIENT_ID",
            "CLIENT_SECRET",
            "BACKEND",
            "TOKEN",
            "ACCESS_TOKEN",
            "REFRESH_TOKEN",
            "ADMIN_URL",
            "ADMIN_TOKEN",
            "USER_ID",
            "REDIRECT_URI");

    private ExplorerPage() {}

    static Response of(KeycloakSession session, OpenApiDocument document) {
        String docs = pathOfDocs(session);
        return ThemePage.of(
                session,
                "explorer.ftl",
                "convertTokenDocs.",
                Map.of(
                        "openApi",
                        docs + "openapi.json",
                        "openApiYaml",
                        docs + "openapi.yaml",
                        "explain",
                        docs + "docs/explain",
                        "backends",
                        document.backends(),
                        "calls",
                        document.callsWithCommands(),
                        "variables",
                        VARIABLES));
    }

    /** Returns the path of the realm's calls, at the address that the browser used. */
    static String pathOfDocs(KeycloakSession session) {
        return session.getContext().getUri().getBaseUri().getPath().replaceFirst("/+$", "")
                + OpenApiDocument.pathOf(session.getContext().getRealm().getName());
    }
}
