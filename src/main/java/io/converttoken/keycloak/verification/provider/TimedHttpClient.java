// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.limits.ProviderGuard;
import io.converttoken.keycloak.limits.TimeBudget;
import java.io.IOException;
import java.time.Duration;
import org.apache.http.HttpEntity;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.StatusLine;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.Configurable;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.conn.ClientConnectionManager;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.message.BasicHttpResponse;
import org.apache.http.params.HttpParams;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Keycloak's HTTP client, limited to the time that a conversion has for its provider. The time covers name look-up,
 * connection, TLS, the answer's head and all of its body. The length of the body is limited, too.
 */
final class TimedHttpClient extends CloseableHttpClient {

    private final CloseableHttpClient client;
    private final ProviderGuard guard;
    private final TimeBudget budget;
    private final Rule rule;
    private final int maxBodyBytes;

    /** @param maxBodyBytes how many bytes the body of an answer may have */
    TimedHttpClient(CloseableHttpClient client, ProviderGuard guard, TimeBudget budget, Rule rule, int maxBodyBytes) {
        this.client = client;
        this.guard = guard;
        this.budget = budget;
        this.rule = rule;
        this.maxBodyBytes = maxBodyBytes;
    }

    /** One request on its way. */
    @FunctionalInterface
    public interface Transmission {
        CloseableHttpResponse send() throws IOException;
    }

    /** Sends every request, and does what has to be done before and after. */
    @FunctionalInterface
    public interface Rule {
        CloseableHttpResponse send(Transmission transmission) throws IOException;
    }

    @Override
    protected CloseableHttpResponse doExecute(
            @Nullable HttpHost target, HttpRequest request, @Nullable HttpContext context) throws IOException {
        if (!(request instanceof HttpRequestBase abortable)) {
            throw new IOException("a request that cannot be ended is not sent");
        }
        return rule.send(() -> {
            abortable.setConfig(within(budget.remaining(), configOf(abortable)));
            return guard.call(budget, () -> read(client.execute(target, request, context)), abortable::abort);
        });
    }

    private RequestConfig configOf(HttpRequestBase request) {
        if (request.getConfig() != null) {
            return request.getConfig();
        }
        return client instanceof Configurable configurable && configurable.getConfig() != null
                ? configurable.getConfig()
                : RequestConfig.DEFAULT;
    }

    /** Sets time-outs, so that the thread that makes the call ends in time, too. */
    private static RequestConfig within(Duration time, RequestConfig config) {
        int millis = (int) Math.max(1, time.toMillis());
        return RequestConfig.copy(config)
                .setConnectionRequestTimeout(shorter(config.getConnectionRequestTimeout(), millis))
                .setConnectTimeout(shorter(config.getConnectTimeout(), millis))
                .setSocketTimeout(shorter(config.getSocketTimeout(), millis))
                .build();
    }

    /** Zero and negative values stand for no limit. */
    private static int shorter(int configured, int millis) {
        return configured <= 0 ? millis : Math.min(configured, millis);
    }

    private CloseableHttpResponse read(CloseableHttpResponse response) throws IOException {
        try (response) {
            ReadResponse read = new ReadResponse(response.getStatusLine());
            read.setHeaders(response.getAllHeaders());
            if (response.getEntity() != null) {
                read.setEntity(read(response.getEntity()));
            }
            return read;
        }
    }

    private HttpEntity read(HttpEntity entity) throws IOException {
        byte[] body = entity.getContent().readNBytes(maxBodyBytes + 1);
        if (body.length > maxBodyBytes) {
            throw new TooLongException();
        }
        ByteArrayEntity read = new ByteArrayEntity(body);
        read.setContentType(entity.getContentType());
        return read;
    }

    /** Leaves the inner client open, because it is Keycloak's. */
    @Override
    public void close() {
        // holds nothing
    }

    @Override
    @Deprecated
    public HttpParams getParams() {
        throw new UnsupportedOperationException();
    }

    @Override
    @Deprecated
    public ClientConnectionManager getConnectionManager() {
        throw new UnsupportedOperationException();
    }

    /** The provider's answer is longer than it may be. */
    public static final class TooLongException extends IOException {

        private static final long serialVersionUID = 1L;

        private TooLongException() {
            super("answer is too long");
        }
    }

    /** An answer whose body was already read from the network. */
    private static final class ReadResponse extends BasicHttpResponse implements CloseableHttpResponse {

        private ReadResponse(StatusLine status) {
            super(status);
        }

        @Override
        public void close() {
            // nothing is left to close
        }
    }
}
