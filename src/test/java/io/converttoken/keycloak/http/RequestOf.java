// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.keycloak.http.HttpRequest;

/** What Keycloak hands to an endpoint: nothing but the form, and an address without a query. */
final class RequestOf {

    private RequestOf() {}

    static HttpRequest form(MultivaluedMap<String, String> parameters) {
        UriInfo uri = answering(UriInfo.class, Map.of("getQueryParameters", new MultivaluedHashMap<String, String>()));
        return answering(HttpRequest.class, Map.of("getDecodedFormParameters", parameters, "getUri", uri));
    }

    private static <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                RequestOf.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (answers.containsKey(method.getName())) {
                        return answers.get(method.getName());
                    }
                    throw new UnsupportedOperationException(method.getName());
                }));
    }
}
