// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.Response;
import org.keycloak.services.cors.Cors;

/** Answers to a browser that asks before it calls from another origin. */
final class Preflight {

    private Preflight() {}

    /** Lets every origin send the method. Whether the client's pages may read the answer is decided at the call itself. */
    static Response allowing(String method) {
        return Cors.builder()
                .auth()
                .preflight()
                .allowedMethods(method, "OPTIONS")
                .add(Response.ok());
    }
}
