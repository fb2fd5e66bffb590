// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.docs.OpenApiDocument.Server;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.keycloak.models.KeycloakContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.services.cors.Cors;
import org.keycloak.urls.UrlType;

/** Answers with the explorer, or with the OpenAPI document that it shows, of the realm that is asked. */
public final class ApiDocs {

    private static final String YAML = "application/yaml";

    private final KeycloakSession session;

    public ApiDocs(KeycloakSession session) {
        this.session = session;
    }

    /** Returns the document as JSON. */
    public Response openApiJson() {
        return answer(MediaType.APPLICATION_JSON, document().asJson());
    }

    /** Returns the document as YAML (RFC 9512). */
    public Response openApiYaml() {
        return answer(YAML, document().asYaml());
    }

    /** Returns the explorer. */
    public Response page() {
        return ExplorerPage.of(session, document());
    }

    /** Returns the page on which an administrator asks why a token was refused. */
    public Response explainPage() {
        return ExplainPage.of(session, new Backends(session).publicNames());
    }

    private OpenApiDocument document() {
        KeycloakContext context = session.getContext();
        Server server = new Server(
                context.getUri(UrlType.FRONTEND).getBaseUri(),
                context.getUri(UrlType.ADMIN).getBaseUri());
        return OpenApiDocument.of(server, context.getRealm().getName(), new Backends(session).publicNames());
    }

    /** Lets any origin read the answer, as any origin may read the realm's discovery document. */
    private static Response answer(String type, String document) {
        return Cors.builder()
                .allowAllOrigins()
                .auth()
                .add(Response.ok(document, type + ";charset=utf-8").header(HttpHeaders.CACHE_CONTROL, "no-store"));
    }
}
