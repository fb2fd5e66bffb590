// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import io.converttoken.keycloak.reason.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.keycloak.models.KeycloakSession;
import org.keycloak.theme.Theme;

/**
 * Tells administrators what to change, in their own language: which field of which page of the console, or which line
 * of the application. The texts are messages of the theme {@code convert-token}.
 */
final class Advice {

    private static final String THEME = "convert-token";
    private static final String PREFIX = "convertTokenExplain.";
    private static final String GUIDE = "docs/troubleshooting.md#";

    private final Properties messages;
    private final Map<String, String> names;

    /** @param names what the texts name in braces, such as {@code {backend}} */
    Advice(KeycloakSession session, Map<String, String> names) {
        try {
            this.messages = session.theme()
                    .getTheme(THEME, Theme.Type.COMMON)
                    .getEnhancedMessages(
                            session.getContext().getRealm(),
                            session.getContext().resolveLocale(null));
            this.names = Map.copyOf(names);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what to do about a refusal. */
    String about(Reason reason) {
        return text("advice." + reason.code().code())
                .replace("{found}", reason.found().orElse("?"))
                .replace("{expected}", reason.expected().orElse("?"));
    }

    /** Returns a text with the names in it. */
    String text(String key) {
        String text = messages.getProperty(PREFIX + key, key);
        for (Map.Entry<String, String> name : names.entrySet()) {
            text = text.replace("{" + name.getKey() + "}", name.getValue());
        }
        return text;
    }

    /** Returns the place in the guide that says more. */
    static String see(String code) {
        return GUIDE + code;
    }
}
