// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.backend.BackendConfig.Key;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.text.MessageFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The reason why a mapper cannot stay as it was saved.
 *
 * @param code the code of the reason, as in explanations
 * @param message the key of the text
 * @param label the key of the label of the field that is at fault; the label is the text's parameter 0
 * @param values the text's further parameters
 */
record MapperFault(ReasonCode code, String message, String label, List<String> values) {

    private static final String PREFIX = "convertToken.error.";

    static MapperFault unsound(Key key, String value) {
        if (key != Key.ACCEPTED_TOKENS && !key.choices().isEmpty()) {
            return of(ReasonCode.BACKEND_MISCONFIGURED, "choice", key, value, String.join(", ", key.choices()));
        }
        return of(
                ReasonCode.BACKEND_MISCONFIGURED,
                switch (key) {
                    case ACCEPTED_TOKENS -> "acceptedTokens";
                    case MAX_TOKEN_AGE -> "maxTokenAge";
                    case SIGNAL_ISSUER -> "line";
                    case SIGNAL_KEYS_URL -> "address";
                    case SIGNAL_SECRET -> "vault";
                    case APPLE_TEAM_ID, APPLE_KEY_ID -> "line";
                    case APPLE_PRIVATE_KEY -> "applePrivateKey";
                    default -> "boolean";
                },
                key,
                key == Key.APPLE_PRIVATE_KEY ? "" : value);
    }

    static MapperFault missingOfApple(Key key) {
        return of(ReasonCode.BACKEND_MISCONFIGURED, "appleIncomplete", key);
    }

    /** Says nothing of the value, because it may be a key. */
    static MapperFault unreadableKey() {
        return of(ReasonCode.BACKEND_MISCONFIGURED, "applePrivateKey", Key.APPLE_PRIVATE_KEY, "");
    }

    static MapperFault unsoundLine(Key key, String line) {
        return of(ReasonCode.BACKEND_MISCONFIGURED, "line", key, line);
    }

    static MapperFault unknownKey(String key) {
        return of(ReasonCode.MAPPER_KEY_UNKNOWN, "unknownKey", Key.ALLOWED_CLIENTS, key);
    }

    static MapperFault unknownClient(String clientId) {
        return of(ReasonCode.CLIENT_UNKNOWN, "unknownClient", Key.ALLOWED_CLIENTS, clientId);
    }

    static MapperFault nameTaken(String name, String otherAlias) {
        return of(ReasonCode.BACKEND_AMBIGUOUS, "nameTaken", Key.BACKEND_NAMES, name, otherAlias);
    }

    static MapperFault aliasTaken(String alias, String otherAlias) {
        return of(ReasonCode.BACKEND_AMBIGUOUS, "aliasTaken", Key.BACKEND_NAMES, alias, otherAlias);
    }

    static MapperFault second(String alias, String nameOfFirst) {
        return of(ReasonCode.BACKEND_AMBIGUOUS, "secondMapper", Key.BACKEND_NAMES, alias, nameOfFirst);
    }

    private static MapperFault of(ReasonCode code, String message, Key field, String... values) {
        return new MapperFault(code, PREFIX + message, field.label(), List.of(values));
    }

    /** Returns the fault as a reason, which names the values. */
    Reason reason() {
        return Reason.of(code, values);
    }

    /** Returns the text in the language of the messages. */
    String in(Properties messages, Locale locale) {
        Object[] parameters = Stream.concat(Stream.of(messages.getProperty(label, label)), values.stream())
                .toArray();
        return new MessageFormat(messages.getProperty(message, message), locale).format(parameters);
    }
}
