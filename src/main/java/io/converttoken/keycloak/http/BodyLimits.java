// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import org.keycloak.http.HttpRequest;

/**
 * The limits of a body, which hold before anybody knows who sends it. Keycloak allows 128 KiB for one value of a form,
 * and no call needs two values of that length.
 */
final class BodyLimits {

    /** In bytes for a body from the network, in characters for a form that Keycloak has decoded. */
    static final long MAX_LENGTH = 256L * 1024;

    private static final int MAX_PARAMETERS = 100;

    private BodyLimits() {}

    /** @throws UnreadableBodyException when the request announces a longer body */
    static void requireShort(HttpRequest request) {
        requireLength(request.getHttpHeaders().getLength());
    }

    /**
     * @throws UnreadableBodyException when there are too many parameters or too long ones, whether they were announced
     *     or not
     */
    static void requireSmall(MultivaluedMap<String, String> parameters) {
        long length = 0;
        int values = 0;
        for (var parameter : parameters.entrySet()) {
            List<String> ofOneName = parameter.getValue();
            values += ofOneName.size();
            requireFew(values);
            length += parameter.getKey().length()
                    + ofOneName.stream().mapToLong(String::length).sum();
            requireLength(length);
        }
    }

    static void requireFew(int parameters) {
        if (parameters > MAX_PARAMETERS) {
            throw UnreadableBodyException.tooLarge();
        }
    }

    static void requireLength(long length) {
        if (length > MAX_LENGTH) {
            throw UnreadableBodyException.tooLarge();
        }
    }
}
