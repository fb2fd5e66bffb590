// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MultivaluedMap;
import java.lang.reflect.Proxy;
import org.keycloak.http.HttpRequest;

/** What Keycloak hands to an endpoint: nothing but the form. */
final class RequestOf {

    private RequestOf() {}

    static HttpRequest form(MultivaluedMap<String, String> parameters) {
        return (HttpRequest) Proxy.newProxyInstance(
                RequestOf.class.getClassLoader(), new Class<?>[] {HttpRequest.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getDecodedFormParameters")) {
                        return parameters;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
