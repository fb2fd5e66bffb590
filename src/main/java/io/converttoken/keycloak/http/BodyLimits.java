// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import org.keycloak.http.HttpRequest;

/**
 * What a body may have at most, by itself and before anybody knows who sends it. One value of a form may have 128 KiB in
 * Keycloak, and no call needs two as long.
 */
final class BodyLimits {

    /** In bytes where they come from the network, in characters where Keycloak has decoded them. */
    static final long MAX_LENGTH = 256L * 1024;

    private static final int MAX_PARAMETERS = 100;

    private BodyLimits() {}

    /** @throws UnreadableBodyException where the request announces more than may come */
    static void requireShort(HttpRequest request) {
        requireLength(request.getHttpHeaders().getLength());
    }

    /** @throws UnreadableBodyException where there is more than may be, whether it was announced or not */
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
