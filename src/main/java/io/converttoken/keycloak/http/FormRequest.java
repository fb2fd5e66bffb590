// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import io.converttoken.keycloak.internals.Decorated;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.OAuth2Constants;
import org.keycloak.http.FormPartValue;
import org.keycloak.http.HttpRequest;
import org.keycloak.jose.jws.JWSInput;
import org.keycloak.jose.jws.JWSInputException;
import org.keycloak.representations.JsonWebToken;
import org.keycloak.util.BasicAuthHelper;

/**
 * A request as Keycloak's own endpoints expect it, with a form. The caller may have sent a form, a form in parts or a
 * JSON object. Everything that reads the request, client authentication included, sees the form.
 */
public final class FormRequest implements HttpRequest {

    private static final char NUL = '\0';
    private static final String JSON_OBJECT = "{";

    private final HttpRequest request;
    private final MultivaluedMap<String, String> parameters;

    private FormRequest(HttpRequest request, MultivaluedMap<String, String> parameters) {
        this.request = request;
        this.parameters = parameters;
    }

    /**
     * The parameters of a form.
     *
     * @throws UnreadableBodyException when there are too many parameters, or too long ones, or when the caller has sent JSON as a
     *     form, or the parameters in the query
     */
    static FormRequest ofForm(HttpRequest request) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        Optional.ofNullable(request.getDecodedFormParameters()).ifPresent(parameters::putAll);
        BodyLimits.requireSmall(parameters);
        requireForm(request, parameters);
        return new FormRequest(request, parameters);
    }

    /** Both faults are common, and Keycloak would only answer that the client is unknown. */
    private static void requireForm(HttpRequest request, MultivaluedMap<String, String> parameters) {
        if (parameters.keySet().stream().anyMatch(name -> name.startsWith(JSON_OBJECT))) {
            throw UnreadableBodyException.malformed(
                    "The body looks like JSON, and its Content-Type says that it is a form");
        }
        if (parameters.isEmpty() && !request.getUri().getQueryParameters().isEmpty()) {
            throw UnreadableBodyException.malformed("Send the parameters in the body, not in the query");
        }
    }

    /**
     * The parameters of a query.
     *
     * @throws UnreadableBodyException when there are too many parameters, or too long ones
     */
    static FormRequest ofQuery(HttpRequest request) {
        MultivaluedMap<String, String> parameters =
                new MultivaluedHashMap<>(request.getUri().getQueryParameters());
        BodyLimits.requireSmall(parameters);
        return new FormRequest(request, parameters);
    }

    /** @throws UnreadableBodyException when the body is not a JSON object of a few plain values */
    static FormRequest ofJson(HttpRequest request, InputStream body) {
        return new FormRequest(request, JsonParameters.read(body));
    }

    /** @throws UnreadableBodyException when the body is not a form of a few parts of plain text */
    static FormRequest ofMultipart(HttpRequest request, InputStream body) {
        return new FormRequest(
                request, MultipartParameters.read(request.getHttpHeaders().getMediaType(), body));
    }

    /** Returns whether a name or a value holds U+0000, which no parameter needs and PostgreSQL does not take. */
    boolean holdsNul() {
        return holdNul(Stream.concat(
                parameters.keySet().stream(), parameters.values().stream().flatMap(List::stream)));
    }

    /**
     * Returns whether the client's credentials hold U+0000. Keycloak looks the client up by the Authorization header
     * (RFC 6749, section 2.3.1) or by an assertion (RFC 7523, section 2.2) before it checks anything.
     */
    boolean credentialsHoldNul() {
        return holdNul(basicCredentials()) || holdNul(assertedNames());
    }

    private static boolean holdNul(Stream<String> texts) {
        return texts.anyMatch(text -> text.indexOf(NUL) >= 0);
    }

    private Stream<String> basicCredentials() {
        String header = request.getHttpHeaders().getHeaderString(HttpHeaders.AUTHORIZATION);
        String[] credentials = header == null ? null : BasicAuthHelper.RFC6749.parseHeader(header);
        return credentials == null ? Stream.empty() : Arrays.stream(credentials);
    }

    private Stream<String> assertedNames() {
        String assertion = parameters.getFirst(OAuth2Constants.CLIENT_ASSERTION);
        if (assertion == null) {
            return Stream.empty();
        }
        try {
            JsonWebToken claims = new JWSInput(assertion).readJsonContent(JsonWebToken.class);
            return Stream.of(claims.getIssuer(), claims.getSubject()).filter(Objects::nonNull);
        } catch (JWSInputException noJwt) {
            return Stream.empty();
        }
    }

    public boolean has(String name) {
        return parameters.containsKey(name);
    }

    /** Returns the same request with this value of a parameter, and no other value of it. */
    public FormRequest with(String name, String value) {
        MultivaluedMap<String, String> more = new MultivaluedHashMap<>();
        parameters.forEach((key, values) -> more.put(key, List.copyOf(values)));
        more.put(name, List.of(value));
        return new FormRequest(request, more);
    }

    @Override
    public MultivaluedMap<String, String> getDecodedFormParameters() {
        return parameters;
    }

    @Override
    public HttpHeaders getHttpHeaders() {
        HttpHeaders headers = request.getHttpHeaders();
        return Decorated.as(
                HttpHeaders.class,
                headers,
                call -> call.isOf("getMediaType") ? MediaType.APPLICATION_FORM_URLENCODED_TYPE : call.passedOn());
    }

    @Override
    public String getHttpMethod() {
        return request.getHttpMethod();
    }

    @Override
    public MultivaluedMap<String, FormPartValue> getMultiPartFormParameters() {
        return request.getMultiPartFormParameters();
    }

    @Override
    public X509Certificate[] getClientCertificateChain() {
        return request.getClientCertificateChain();
    }

    @Override
    public UriInfo getUri() {
        return request.getUri();
    }

    @Override
    public boolean isProxyTrusted() {
        return request.isProxyTrusted();
    }
}
