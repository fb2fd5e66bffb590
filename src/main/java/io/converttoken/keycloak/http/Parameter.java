// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;

/** Reads parameters by RFC 6749, section 3.2: none may be repeated, and one without a value counts as omitted. */
public final class Parameter {

    private static final int MAX_FLAG_LENGTH = 5;

    private Parameter() {}

    /** @throws InvalidParameterException when it is missing, repeated, too long, or holds U+0000 */
    public static String required(FormRequest request, String name, int maxLength) {
        return required(request.getDecodedFormParameters(), name, maxLength);
    }

    /** @throws InvalidParameterException when it is missing, repeated, too long, or holds U+0000 */
    public static String required(MultivaluedMap<String, String> parameters, String name, int maxLength) {
        return optional(parameters, name, maxLength)
                .orElseThrow(() -> new InvalidParameterException("Missing parameter: " + name));
    }

    /** @throws InvalidParameterException when it is repeated, too long, or holds U+0000 */
    public static Optional<String> optional(FormRequest request, String name, int maxLength) {
        return optional(request.getDecodedFormParameters(), name, maxLength);
    }

    /**
     * @throws InvalidParameterException when it is repeated, too long, or holds U+0000, which PostgreSQL does not take
     */
    public static Optional<String> optional(MultivaluedMap<String, String> parameters, String name, int maxLength) {
        List<String> values = parameters.getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new InvalidParameterException("Repeated parameter: " + name);
        }
        Optional<String> value = values.stream().filter(text -> !text.isEmpty()).findFirst();
        value.ifPresent(text -> requirePlain(text, name, maxLength));
        return value;
    }

    private static void requirePlain(String value, String name, int maxLength) {
        if (value.length() > maxLength) {
            throw new InvalidParameterException("Parameter is too long: " + name);
        }
        if (value.indexOf('\0') >= 0) {
            throw new InvalidParameterException("Parameter holds U+0000: " + name);
        }
    }

    /** @throws InvalidParameterException when it is repeated, or neither {@code true} nor {@code false} */
    public static boolean flag(FormRequest request, String name) {
        return switch (optional(request, name, MAX_FLAG_LENGTH).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InvalidParameterException("Parameter is neither true nor false: " + name);
        };
    }
}
