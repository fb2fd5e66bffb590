// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import java.util.Optional;
import org.keycloak.http.HttpRequest;

/**
 * A request whose body is read as it was sent, because a signature may cover it.
 *
 * @param form the form, if the request has one; Keycloak has read it, so that its bytes are gone
 * @param body the bytes of any other body
 * @param request the request
 */
public record RawRequest(Optional<FormRequest> form, byte[] body, HttpRequest request) {

    /** Returns a header, if there is one. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHttpHeaders().getHeaderString(name));
    }

    /** Returns whether the query has a parameter with the value {@code true}. */
    public boolean hasFlag(String name) {
        return "true".equals(request.getUri().getQueryParameters().getFirst(name));
    }

    @Override
    public String toString() {
        return "RawRequest[" + body.length + " bytes]";
    }
}
