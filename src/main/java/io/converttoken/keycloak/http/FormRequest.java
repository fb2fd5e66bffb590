package io.converttoken.keycloak.http;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.http.FormPartValue;
import org.keycloak.http.HttpRequest;

/**
 * A request as Keycloak's own endpoints expect it: a form, whether the caller sent a form or a JSON object. Everything
 * that reads the request, client authentication included, sees the form.
 */
public final class FormRequest implements HttpRequest {

    private static final char NUL = '\0';

    private static final JsonMapper STRICT_JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final HttpRequest request;
    private final MultivaluedMap<String, String> parameters;

    private FormRequest(HttpRequest request, MultivaluedMap<String, String> parameters) {
        this.request = request;
        this.parameters = parameters;
    }

    static FormRequest ofForm(HttpRequest request) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        Optional.ofNullable(request.getDecodedFormParameters()).ifPresent(parameters::putAll);
        return new FormRequest(request, parameters);
    }

    /**
     * Reads a JSON object of plain values; {@code null} stands for an absent parameter.
     *
     * @throws MalformedBodyException when the body is anything else, or names a parameter twice
     */
    static FormRequest ofJson(HttpRequest request, @Nullable String body) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        for (Map.Entry<String, JsonNode> property : read(body).properties()) {
            JsonNode value = property.getValue();
            if (value.isContainerNode()) {
                throw new MalformedBodyException();
            }
            if (!value.isNull()) {
                parameters.putSingle(property.getKey(), value.asText());
            }
        }
        return new FormRequest(request, parameters);
    }

    private static JsonNode read(@Nullable String body) {
        try {
            JsonNode json = STRICT_JSON.readTree(body == null ? "" : body);
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (IOException e) {
            // not as the cause: it would quote the body
            throw new MalformedBodyException();
        }
        throw new MalformedBodyException();
    }

    /** Whether a name or a value holds U+0000, which no parameter needs and PostgreSQL does not take. */
    boolean holdsNul() {
        return Stream.concat(
                        parameters.keySet().stream(),
                        parameters.values().stream().flatMap(List::stream))
                .anyMatch(text -> text.indexOf(NUL) >= 0);
    }

    public boolean has(String name) {
        return parameters.containsKey(name);
    }

    /** The same request with this value of a parameter, and no other. */
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
        return (HttpHeaders) Proxy.newProxyInstance(
                FormRequest.class.getClassLoader(), new Class<?>[] {HttpHeaders.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getMediaType")) {
                        return MediaType.APPLICATION_FORM_URLENCODED_TYPE;
                    }
                    try {
                        return method.invoke(headers, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
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
