package io.converttoken.keycloak.http;

import java.util.List;
import java.util.Optional;

/** Reads parameters (RFC 6749, section 3.2: one of each name, and without a value it is as good as omitted). */
public final class Parameter {

    private static final int MAX_FLAG_LENGTH = 5;

    private Parameter() {}

    /** @throws InvalidParameterException when it is missing, repeated or too long */
    public static String required(FormRequest request, String name, int maxLength) {
        return optional(request, name, maxLength)
                .orElseThrow(() -> new InvalidParameterException("Missing parameter: " + name));
    }

    /** @throws InvalidParameterException when it is repeated or too long */
    public static Optional<String> optional(FormRequest request, String name, int maxLength) {
        List<String> values = request.getDecodedFormParameters().getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new InvalidParameterException("Repeated parameter: " + name);
        }
        Optional<String> value = values.stream().filter(text -> !text.isEmpty()).findFirst();
        if (value.filter(text -> text.length() > maxLength).isPresent()) {
            throw new InvalidParameterException("Parameter is too long: " + name);
        }
        return value;
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
