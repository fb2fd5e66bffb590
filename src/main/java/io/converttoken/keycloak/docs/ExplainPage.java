// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import io.converttoken.keycloak.reason.Check;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.keycloak.models.KeycloakSession;

/** The page on which an administrator asks why a token was refused. It asks the admin API from the browser. */
final class ExplainPage {

    private ExplainPage() {}

    /** @param backends the names that everybody may know */
    static Response of(KeycloakSession session, List<String> backends) {
        String base = session.getContext().getUri().getBaseUri().getPath().replaceFirst("/+$", "");
        String realm = OpenApiDocument.segment(session.getContext().getRealm().getName());
        return ThemePage.of(
                session,
                "explain.ftl",
                "convertTokenExplain.",
                Map.of(
                        "explorer", ExplorerPage.pathOfDocs(session) + "docs",
                        "admin", base + "/admin/realms/" + realm + "/auth/backends",
                        "tokenEndpoint", base + "/realms/master/protocol/openid-connect/token",
                        "checks", Arrays.stream(Check.values()).map(Check::code).toList(),
                        "backends", backends));
    }
}
