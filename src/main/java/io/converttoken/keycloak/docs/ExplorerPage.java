// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.BrowserSecurityHeaders;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.services.Urls;
import org.keycloak.theme.FreeMarkerException;
import org.keycloak.theme.Theme;
import org.keycloak.theme.freemarker.FreeMarkerProvider;

/**
 * The explorer, which is a page of the theme {@code convert-token} (template, styles, script, messages). The logo, the
 * icon and the dark mode are those of the realm's login theme, and so are the styles that it may have for us.
 */
final class ExplorerPage {

    private static final String THEME = "convert-token";
    private static final String MESSAGES = "convertTokenDocs.";
    private static final String DARK_MODE = "darkMode";

    /**
     * Scripts and styles are loaded by address only, all from our own origin. Images may be in their addresses, because
     * those of Swagger UI's styles are.
     */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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

    private final KeycloakSession session;
    private final RealmModel realm;
    private final Theme theme;
    private final Theme loginTheme;
    private final String resources;

    ExplorerPage(KeycloakSession session) throws IOException {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.theme = session.theme().getTheme(THEME, Theme.Type.COMMON);
        this.loginTheme = session.theme().getTheme(Theme.Type.LOGIN);
        this.resources =
                Urls.themeRoot(session.getContext().getUri().getBaseUri()).getPath();
    }

    static Response of(KeycloakSession session, OpenApiDocument document) {
        try {
            return new ExplorerPage(session).answer(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FreeMarkerException e) {
            throw new IllegalStateException("Template of the explorer", e);
        }
    }

    private Response answer(OpenApiDocument document) throws IOException, FreeMarkerException {
        Map<String, String> text = text();
        Map<String, Object> model = model(document);
        model.put("text", text);
        String page = session.getProvider(FreeMarkerProvider.class).processTemplate(model, "explorer.ftl", theme);
        return withSecurityHeaders(Response.ok(page, MediaType.TEXT_HTML + ";charset=utf-8"))
                .header(HttpHeaders.CONTENT_LANGUAGE, text.get("lang"))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    private Map<String, Object> model(OpenApiDocument document) throws IOException {
        String docs = session.getContext().getUri().getBaseUri().getPath().replaceFirst("/+$", "")
                + OpenApiDocument.pathOf(realm.getName());
        Map<String, Object> model = new HashMap<>();
        model.put(
                "realm",
                Optional.ofNullable(realm.getDisplayName())
                        .filter(name -> !name.isBlank())
                        .orElseGet(realm::getName));
        model.put("openApi", docs + "openapi.json");
        model.put("openApiYaml", docs + "openapi.yaml");
        model.put("backends", document.backends());
        model.put("calls", document.callsWithCommands());
        model.put("variables", VARIABLES);
        model.put("resources", resources + "/common/" + THEME + directory());
        model.put("swaggerUi", resources + "/common/" + THEME + "/swagger-ui-" + BuildVersions.CURRENT.swaggerUi());
        model.put(DARK_MODE, isDarkModeWanted());
        ofLoginTheme("img/logo.svg", "img/logo.png").ifPresent(logo -> model.put("logo", logo));
        ofLoginTheme("img/favicon.ico").ifPresent(icon -> model.put("favicon", icon));
        ofLoginTheme("css/convert-token.css").ifPresent(style -> model.put("style", style));
        return model;
    }

    /**
     * Returns the directory of the page's files. In the JAR they are under its version, because browsers, and
     * Keycloak's own disk, keep them by address for as long as Keycloak has the same version. A directory that is
     * mounted while developing has no version.
     */
    private String directory() throws IOException {
        String versioned = BuildVersions.CURRENT.project() + "/";
        return theme.hasResource(versioned + "explorer.js") ? "/" + BuildVersions.CURRENT.project() : "";
    }

    private boolean isDarkModeWanted() throws IOException {
        return Boolean.parseBoolean(loginTheme.getProperties().getProperty(DARK_MODE))
                && realm.getAttribute(DARK_MODE, true);
    }

    private Optional<String> ofLoginTheme(String... candidates) throws IOException {
        for (String candidate : candidates) {
            if (loginTheme.hasResource(candidate)) {
                return Optional.of(resources + "/login/" + loginTheme.getName() + "/" + candidate);
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the texts in the language that the realm and the browser agree on, or in English if we do not speak it.
     */
    private Map<String, String> text() throws IOException {
        Locale locale = session.getContext().resolveLocale(null);
        Properties messages = theme.getEnhancedMessages(realm, locale);
        Map<String, String> text = new HashMap<>();
        messages.stringPropertyNames().stream()
                .filter(key -> key.startsWith(MESSAGES))
                .forEach(key -> text.put(key.substring(MESSAGES.length()), messages.getProperty(key)));
        return text;
    }

    /**
     * Sets headers of the realm, and a stricter policy than the login pages have. Keycloak's own headers are skipped,
     * because they would replace the policy.
     */
    private Response.ResponseBuilder withSecurityHeaders(Response.ResponseBuilder page) {
        session.getProvider(SecurityHeadersProvider.class).options().skipHeaders();
        Map<String, String> ofRealm = realm.getBrowserSecurityHeaders();
        Stream.of(BrowserSecurityHeaders.STRICT_TRANSPORT_SECURITY, BrowserSecurityHeaders.X_ROBOTS_TAG)
                .forEach(header -> Optional.ofNullable(ofRealm.getOrDefault(header.getKey(), header.getDefaultValue()))
                        .filter(value -> !value.isEmpty())
                        .ifPresent(value -> page.header(header.getHeaderName(), value)));
        return page.header(BrowserSecurityHeaders.CONTENT_SECURITY_POLICY.getHeaderName(), CONTENT_SECURITY_POLICY)
                .header(BrowserSecurityHeaders.X_FRAME_OPTIONS.getHeaderName(), "DENY")
                .header(BrowserSecurityHeaders.X_CONTENT_TYPE_OPTIONS.getHeaderName(), "nosniff")
                .header(BrowserSecurityHeaders.REFERRER_POLICY.getHeaderName(), "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin");
    }
}
