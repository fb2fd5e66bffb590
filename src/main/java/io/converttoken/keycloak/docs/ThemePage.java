// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.docs;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
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
 * A page of the theme {@code convert-token} (template, styles, script, messages). The logo, the icon and the dark mode
 * are those of the realm's login theme, and so are the styles that it may have for us.
 */
final class ThemePage {

    private static final String THEME = "convert-token";
    private static final String DARK_MODE = "darkMode";

    /**
     * Scripts and styles are loaded by address only, all from our own origin. Images may be in their addresses, because
     * those of Swagger UI's styles are.
     */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final KeycloakSession session;
    private final RealmModel realm;
    private final Theme theme;
    private final Theme loginTheme;
    private final String resources;

    private ThemePage(KeycloakSession session) throws IOException {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.theme = session.theme().getTheme(THEME, Theme.Type.COMMON);
        this.loginTheme = session.theme().getTheme(Theme.Type.LOGIN);
        this.resources =
                Urls.themeRoot(session.getContext().getUri().getBaseUri()).getPath();
    }

    /**
     * Returns a page.
     *
     * @param template the name of the template
     * @param prefix the prefix of the messages that the template gets as {@code text}
     * @param values what else the template gets
     */
    static Response of(KeycloakSession session, String template, String prefix, Map<String, Object> values) {
        try {
            return new ThemePage(session).answer(template, prefix, values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FreeMarkerException e) {
            throw new IllegalStateException("Template " + template, e);
        }
    }

    private Response answer(String template, String prefix, Map<String, Object> values)
            throws IOException, FreeMarkerException {
        Map<String, String> text = text(prefix);
        Map<String, Object> model = model();
        model.putAll(values);
        model.put("text", text);
        model.put("lang", language());
        String page = session.getProvider(FreeMarkerProvider.class).processTemplate(model, template, theme);
        return withSecurityHeaders(Response.ok(page, MediaType.TEXT_HTML + ";charset=utf-8"))
                .header(HttpHeaders.CONTENT_LANGUAGE, language())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    private Map<String, Object> model() throws IOException {
        Map<String, Object> model = new HashMap<>();
        model.put(
                "realm",
                Optional.ofNullable(realm.getDisplayName())
                        .filter(name -> !name.isBlank())
                        .orElseGet(realm::getName));
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
    private Map<String, String> text(String prefix) throws IOException {
        Properties messages = messages();
        Map<String, String> text = new HashMap<>();
        messages.stringPropertyNames().stream()
                .filter(key -> key.startsWith(prefix))
                .forEach(key -> text.put(key.substring(prefix.length()), messages.getProperty(key)));
        return text;
    }

    private String language() throws IOException {
        return messages().getProperty("convertTokenDocs.lang");
    }

    private Properties messages() throws IOException {
        return theme.getEnhancedMessages(realm, session.getContext().resolveLocale(null));
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
