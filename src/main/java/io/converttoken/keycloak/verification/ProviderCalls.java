package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.apache.http.client.HttpClient;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.Configurable;
import org.jboss.logging.Logger;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.http.simple.SimpleHttp;
import org.keycloak.http.simple.SimpleHttpRequest;
import org.keycloak.http.simple.SimpleHttpResponse;
import org.keycloak.models.KeycloakSession;

/**
 * The one way of calling a provider: Keycloak's HTTP client with its proxy, truststore and time-outs; no redirect is
 * followed, no large body read, and of what the provider says nothing gets into a log or an answer.
 */
final class ProviderCalls {

    private static final Logger LOGGER = Logger.getLogger(ProviderCalls.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_BODY_BYTES = 256L * 1024;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int REQUEST_TIMEOUT = 408;

    private final KeycloakSession session;

    ProviderCalls(KeycloakSession session) {
        this.session = session;
    }

    /**
     * GET with the external token as bearer token (RFC 6750, section 2.1).
     *
     * @throws ProviderUnavailableException when the provider does not answer, answers nonsense, or is overloaded
     */
    ProviderAnswer get(String url, ExternalToken bearer) {
        return get(url, request -> request.auth(bearer.value()));
    }

    /**
     * GET.
     *
     * @param parameters adds the query parameters and whatever authenticates us
     * @throws ProviderUnavailableException as above
     */
    ProviderAnswer get(String url, UnaryOperator<SimpleHttpRequest> parameters) {
        return send(parameters.apply(http().doGet(url)));
    }

    /**
     * POST.
     *
     * @param parameters adds the form parameters or the JSON body, and whatever authenticates us
     * @throws ProviderUnavailableException as above
     */
    ProviderAnswer post(String url, UnaryOperator<SimpleHttpRequest> parameters) {
        return send(parameters.apply(http().doPost(url)));
    }

    private SimpleHttp http() {
        HttpClient client = session.getProvider(HttpClientProvider.class).getHttpClient();
        return SimpleHttp.create(client)
                .withMaxConsumedResponseSize(MAX_BODY_BYTES)
                .withRequestConfig(withoutRedirects(client));
    }

    private static RequestConfig withoutRedirects(HttpClient client) {
        RequestConfig.Builder config = client instanceof Configurable configurable && configurable.getConfig() != null
                ? RequestConfig.copy(configurable.getConfig())
                : RequestConfig.custom();
        return config.setRedirectsEnabled(false).build();
    }

    private static ProviderAnswer send(SimpleHttpRequest request) {
        request.acceptJson();
        try (SimpleHttpResponse response = request.asResponse()) {
            return understood(response.getStatus(), response.asString());
        } catch (IOException e) {
            LOGGER.debugf("Provider call failed: %s", e.getClass().getName());
            throw new ProviderUnavailableException("identity provider does not answer");
        }
    }

    private static ProviderAnswer understood(int status, String body) {
        if (status >= 500 || status == TOO_MANY_REQUESTS || status == REQUEST_TIMEOUT) {
            throw new ProviderUnavailableException("identity provider answers " + status);
        }
        if (status >= 300 && status < 400) {
            throw new ProviderUnavailableException("identity provider answers with a redirect");
        }
        JsonNode json = json(body);
        if (status == 200 && json.isMissingNode()) {
            throw new ProviderUnavailableException("identity provider's answer is not JSON");
        }
        return new ProviderAnswer(status, json);
    }

    private static JsonNode json(String body) {
        if (body == null) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode json = JSON.readTree(body);
            return json.isContainerNode() ? json : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }
}
