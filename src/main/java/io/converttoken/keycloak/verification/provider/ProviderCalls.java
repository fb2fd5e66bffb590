// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.converttoken.keycloak.limits.Breaker;
import io.converttoken.keycloak.limits.LimitReachedException;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.provider.TimedHttpClient.TooLongException;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.Configurable;
import org.apache.http.impl.client.CloseableHttpClient;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.http.simple.SimpleHttp;
import org.keycloak.http.simple.SimpleHttpRequest;
import org.keycloak.http.simple.SimpleHttpResponse;
import org.keycloak.models.KeycloakSession;

/**
 * The only way in which our code calls a provider: with Keycloak's HTTP client, its proxy and its truststore, within
 * the limits of {@link CallAllowance}. No redirect is followed and no large body is read. Nothing that a provider says
 * gets into a log or an answer.
 */
public final class ProviderCalls {

    private static final Logger LOGGER = Logger.getLogger(ProviderCalls.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A signed or an encrypted JWT (RFC 7515, section 7.1; RFC 7516, section 7.1). */
    private static final Pattern JWT = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*){2}((\\.[A-Za-z0-9_-]*){2})?");

    private static final int TOO_MANY_REQUESTS = 429;
    private static final int REQUEST_TIMEOUT = 408;

    private final CallAllowance access;
    private final Checks checks;

    /** @param checks makes the checks of the token about which the provider is called */
    public ProviderCalls(CallAllowance access, Checks checks) {
        this.access = access;
        this.checks = checks;
    }

    public Checks checks() {
        return checks;
    }

    /** Returns the same calls for checks that are not about the token. */
    ProviderCalls unobserved() {
        return new ProviderCalls(access, Checks.UNOBSERVED);
    }

    /** Adds the token to a request, and everything else that the provider needs. */
    @FunctionalInterface
    public interface Parameters extends BiFunction<SimpleHttpRequest, String, SimpleHttpRequest> {}

    public KeycloakSession session() {
        return access.session();
    }

    public CallAllowance access() {
        return access;
    }

    /**
     * Sends a GET request with the external token as bearer token (RFC 6750, section 2.1).
     *
     * @throws ProviderUnavailableException when the provider does not answer, answers nonsense, or is overloaded
     */
    public ProviderAnswer get(String url, ExternalToken bearer) {
        return get(url, bearer, SimpleHttpRequest::auth);
    }

    /**
     * Sends a GET request.
     *
     * @param parameters adds the token, other query parameters and our own credentials
     * @throws ProviderUnavailableException as above
     */
    public ProviderAnswer get(String url, ExternalToken token, Parameters parameters) {
        return ask(url, token, value -> parameters.apply(http().doGet(url), value));
    }

    /**
     * Sends a POST request.
     *
     * @param parameters adds the form parameters or the JSON body with the token, and our own credentials
     * @throws ProviderUnavailableException as above
     */
    public ProviderAnswer post(String url, ExternalToken token, Parameters parameters) {
        return ask(url, token, value -> parameters.apply(http().doPost(url), value));
    }

    /**
     * Sends a GET request for keys, without a token.
     *
     * @throws ExternalTokenRefusedException when the answer is a redirect, which Keycloak does not follow either, or says
     *     that there is nothing at this address, because asking again would not change it
     * @throws ProviderUnavailableException when the provider does not give its keys
     */
    String getKeys(String url) {
        return getDatedKeys(url).body();
    }

    /** An answer with the time at which it was made, as the provider's clock has it. */
    record DatedAnswer(String body, Optional<String> date) {

        @Override
        public String toString() {
            return "DatedAnswer[" + date + "]";
        }
    }

    /** Sends a GET request for metadata, without a token. */
    String getMetadata(String url) {
        Reply reply = call(url, access.keyCalls(), () -> http().doGet(url).acceptJson(), () -> false);
        if (reply.status() != 200 || reply.body() == null) {
            throw new ProviderUnavailableException(
                    ReasonCode.METADATA_UNAVAILABLE, CallFailure.of(url, reply.status()));
        }
        return reply.body();
    }

    /** Does the same as {@link #getKeys}, and also returns the time of the answer. */
    DatedAnswer getDatedKeys(String url) {
        Breaker breaker = access.keyCalls();
        Reply reply =
                call(url, breaker, () -> SimpleHttp.create(access.keysClient()).doGet(url), () -> false);
        if (reply.isRedirect() || reply.isRefusal()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.KEYS_UNREADABLE, Finding.found(() -> CallFailure.of(url, reply.status())));
        }
        if (reply.status() != 200 || reply.body() == null) {
            throw new ProviderUnavailableException(ReasonCode.KEYS_UNAVAILABLE, CallFailure.of(url, reply.status()));
        }
        return new DatedAnswer(reply.body(), reply.date());
    }

    /**
     * Sends a POST request that changes something at the provider. After a failure nothing is sent about a made-up token.
     *
     * @param parameters adds the form parameters and our own credentials
     * @throws ProviderUnavailableException when the provider does not answer or is overloaded
     */
    public ProviderAnswer postChange(String url, UnaryOperator<SimpleHttpRequest> parameters) {
        return change(url, () -> parameters.apply(http().doPost(url)));
    }

    /** Sends a DELETE request in the same way. */
    public ProviderAnswer deleteChange(String url, UnaryOperator<SimpleHttpRequest> parameters) {
        return change(url, () -> parameters.apply(http().doDelete(url)));
    }

    private ProviderAnswer change(String url, Supplier<SimpleHttpRequest> request) {
        access.enter();
        return call(url, access.changeCalls(), () -> request.get().acceptJson(), () -> false)
                .taken(url);
    }

    private ProviderAnswer ask(String url, ExternalToken token, Function<String, SimpleHttpRequest> request) {
        access.enter();
        return call(
                        url,
                        access.tokenCalls(),
                        () -> request.apply(token.value()).acceptJson(),
                        () -> answersFor(request))
                .understood(url);
    }

    /**
     * Returns whether the provider answers when it is asked about a random token. If it does, it failed because of the
     * caller's token, and a caller with such tokens must not stop the calls for other callers.
     */
    private boolean answersFor(Function<String, SimpleHttpRequest> request) {
        if (access.isTimeUp()) {
            return false;
        }
        try {
            return !send(request.apply(UUID.randomUUID().toString()).acceptJson())
                    .isTrouble();
        } catch (IOException | LimitReachedException e) {
            return false;
        }
    }

    /**
     * Makes a call, and records in the breaker whether the provider failed. An answer that is too long is no failure.
     */
    private Reply call(
            String url, Breaker breaker, Supplier<SimpleHttpRequest> request, BooleanSupplier isNotItsFault) {
        access.require(breaker);
        boolean hasFailed = false;
        try {
            Reply reply = send(request.get());
            hasFailed = reply.isTrouble() && !isNotItsFault.getAsBoolean();
            return reply;
        } catch (TooLongException e) {
            throw new ProviderUnavailableException(ReasonCode.ANSWER_TOO_LONG, CallFailure.address(url));
        } catch (LimitReachedException e) {
            hasFailed = true; // a trial needs an outcome, and this one is not good
            throw access.unavailable(e);
        } catch (IOException e) {
            LOGGER.debugf(
                    "Call of %s failed: %s",
                    CallFailure.address(url), e.getClass().getName());
            hasFailed = !isNotItsFault.getAsBoolean();
            throw new ProviderUnavailableException(ReasonCode.PROVIDER_UNREACHABLE, CallFailure.of(url, e));
        } finally {
            breaker.record(!hasFailed);
        }
    }

    /** Returns whether a status says that the provider cannot answer now, and not that the request is wrong. */
    static boolean isTrouble(int status) {
        return status >= 500 || status == TOO_MANY_REQUESTS || status == REQUEST_TIMEOUT;
    }

    private static Reply send(SimpleHttpRequest request) throws IOException {
        try (SimpleHttpResponse response = request.asResponse()) {
            return new Reply(
                    response.getStatus(),
                    response.asString(),
                    Optional.ofNullable(response.getFirstHeader(HttpHeaders.DATE)));
        }
    }

    private SimpleHttp http() {
        return SimpleHttp.create(access.client()).withRequestConfig(withoutRedirects(access.keycloaksClient()));
    }

    private static RequestConfig withoutRedirects(CloseableHttpClient client) {
        RequestConfig.Builder config = client instanceof Configurable configurable && configurable.getConfig() != null
                ? RequestConfig.copy(configurable.getConfig())
                : RequestConfig.custom();
        return config.setRedirectsEnabled(false).build();
    }

    /** The reply as it came back. {@code toString} does not show its body. */
    private record Reply(int status, @Nullable String body, Optional<String> date) {

        boolean isTrouble() {
            return ProviderCalls.isTrouble(status);
        }

        boolean isRedirect() {
            return status >= 300 && status < 400;
        }

        boolean isRefusal() {
            return status >= 400 && status < 500 && !isTrouble();
        }

        /** An answer to a change may be empty. */
        ProviderAnswer taken(String url) {
            if (isTrouble()) {
                throw new ProviderUnavailableException(ReasonCode.PROVIDER_ERROR, CallFailure.of(url, status));
            }
            if (isRedirect()) {
                throw new ProviderUnavailableException(ReasonCode.PROVIDER_REDIRECTS, CallFailure.of(url, status));
            }
            return new ProviderAnswer(CallFailure.address(url), status, json(), Optional.empty());
        }

        ProviderAnswer understood(String url) {
            JsonNode json = taken(url).body();
            Optional<String> jwt = status == 200 ? jwt() : Optional.empty();
            if (status == 200 && json.isMissingNode() && jwt.isEmpty()) {
                throw new ProviderUnavailableException(
                        ReasonCode.ANSWER_NOT_UNDERSTOOD, CallFailure.address(url) + ": neither JSON nor a JWT");
            }
            return new ProviderAnswer(CallFailure.address(url), status, json, jwt);
        }

        private Optional<String> jwt() {
            return Optional.ofNullable(body)
                    .map(String::strip)
                    .filter(text -> JWT.matcher(text).matches());
        }

        private JsonNode json() {
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

        @Override
        public String toString() {
            return "Reply[" + status + "]";
        }
    }
}
