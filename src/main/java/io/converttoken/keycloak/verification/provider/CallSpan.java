// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.internals.HttpSpans;
import io.converttoken.keycloak.metrics.Labels;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.metrics.Meters.CallOutcome;
import io.converttoken.keycloak.verification.provider.TimedHttpClient.Transmission;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.keycloak.models.KeycloakSession;
import org.keycloak.tracing.TracingProvider;

/**
 * A call to a provider in traces and metrics: its backend, its duration and its outcome. The full address and the
 * message of a failure are left out, because both may quote a token.
 */
final class CallSpan {

    private static final String TRACER = "io.converttoken.keycloak";
    private static final String NAME = "convert-token provider call";

    private final TracingProvider tracing;
    private final Labels labels;
    private final Optional<Meters> counting;

    CallSpan(KeycloakSession session, Labels labels, Optional<Meters> counting) {
        this.tracing = session.getProvider(TracingProvider.class);
        this.labels = labels;
        this.counting = counting;
    }

    CloseableHttpResponse over(Transmission transmission) throws IOException {
        Span span = tracing.startSpan(
                        tracing.getTracer(TRACER).spanBuilder(NAME).setSpanKind(SpanKind.CLIENT))
                .setAttribute("convert_token.realm", labels.realm())
                .setAttribute("convert_token.backend", labels.backend());
        CallOutcome outcome = CallOutcome.FAILED;
        long start = System.nanoTime();
        // some providers take tokens in the query, which a span of Keycloak's own HTTP client would show
        try (Scope scope = HttpSpans.replacedBy(span).makeCurrent()) {
            CloseableHttpResponse response = transmission.send();
            outcome = CallOutcome.ANSWERED;
            span.setAttribute(
                    "http.response.status_code", response.getStatusLine().getStatusCode());
            return response;
        } catch (InterruptedIOException e) {
            outcome = CallOutcome.TIMEOUT; // our time limit, or one of the HTTP client's
            throw e;
        } finally {
            if (outcome != CallOutcome.ANSWERED) {
                span.setStatus(StatusCode.ERROR, outcome.name());
            }
            tracing.endSpan();
            Duration duration = Duration.ofNanos(System.nanoTime() - start);
            CallOutcome ended = outcome;
            counting.ifPresent(meters -> meters.providerCall(ended, duration));
        }
    }
}
