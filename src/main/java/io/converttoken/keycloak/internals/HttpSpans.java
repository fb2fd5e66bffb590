// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.instrumentation.api.internal.SpanKey;

/** Spans of HTTP clients, as OpenTelemetry's instrumentation of Keycloak's own client knows them. */
public final class HttpSpans {

    private HttpSpans() {}

    /**
     * Returns the current context with this span as the HTTP call's, so that Keycloak's client opens none of its own.
     */
    public static Context replacedBy(Span span) {
        return SpanKey.HTTP_CLIENT.storeInContext(Context.current(), span);
    }
}
