// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/** One address of the fake provider: what it was asked, and how it answers. */
public final class ProviderEndpoint {

    private final URI uri;
    private final Function<RecordedRequest, Reply> normal;
    private final Queue<RecordedRequest> requests = new ConcurrentLinkedQueue<>();
    private volatile Behaviour behaviour = this::answerNormally;
    private volatile CountDownLatch released = new CountDownLatch(1);

    public ProviderEndpoint(URI uri, Function<RecordedRequest, Reply> normal) {
        this.uri = uri;
        this.normal = normal;
    }

    /** A way of treating a request. */
    @FunctionalInterface
    private interface Behaviour {
        void answer(HttpExchange exchange, RecordedRequest request) throws IOException;
    }

    /** What a well-behaved endpoint sends. */
    public record Reply(int status, Map<String, String> headers, String body) {

        public static Reply json(int status, Object body) {
            return new Reply(status, Map.of("Content-Type", "application/json"), Json.write(body));
        }
    }

    public URI uri() {
        return uri;
    }

    /** What came in since the last reset, in order of arrival. */
    public List<RecordedRequest> requests() {
        return List.copyOf(requests);
    }

    public int requestCount() {
        return requests.size();
    }

    // behaviours; each replaces the one before

    public void answersNormally() {
        behave(this::answerNormally);
    }

    public void answersStatus(int status) {
        answersStatus(status, Map.of());
    }

    /** An error page with headers, such as {@code Retry-After}. */
    public void answersStatus(int status, Map<String, String> headers) {
        behave((exchange, request) -> send(exchange, new Reply(status, headers, "{\"error\":\"told_to\"}")));
    }

    /** Fails over some requests and answers the others normally. */
    public void answersStatus(int status, Predicate<RecordedRequest> toThese) {
        Reply failure = new Reply(status, Map.of(), "{\"error\":\"told_to\"}");
        behave((exchange, request) -> send(exchange, toThese.test(request) ? failure : normal.apply(request)));
    }

    /** A body of the test's choice. */
    public void answers(int status, String contentType, String body) {
        behave((exchange, request) -> send(exchange, new Reply(status, Map.of("Content-Type", contentType), body)));
    }

    /** Status 200 and JSON of the test's choice. */
    public void answersJson(Object body) {
        behave((exchange, request) -> send(exchange, Reply.json(200, body)));
    }

    /** Says 200 and JSON, and sends neither JSON nor text. */
    public void answersGarbage() {
        answers(200, "application/json", "\u0000\u0001<html>{\"active\":tru");
    }

    /** Sends JSON that goes on and on. */
    public void answersHugeBody(long bytes) {
        behave((exchange, request) -> sendHuge(exchange, bytes));
    }

    public void redirectsTo(URI elsewhere) {
        answersStatus(302, Map.of("Location", elsewhere.toString()));
    }

    /** Closes the connection without an answer. */
    public void hangsUp() {
        behave((exchange, request) -> exchange.close());
    }

    /** The same for some requests; it answers the others normally. */
    public void hangsUpOn(Predicate<RecordedRequest> these) {
        behave((exchange, request) -> {
            if (these.test(request)) {
                exchange.close();
            } else {
                answerNormally(exchange, request);
            }
        });
    }

    /** Keeps the asker waiting until {@link #release()} or at most for the time given, then answers normally. */
    public void holds(Duration atMost) {
        behave((exchange, request) -> {
            heldFor(atMost);
            answerNormally(exchange, request);
        });
    }

    /** Sends the headers at once and then a byte every tenth of a second, until released or for the time given. */
    public void drips(Duration atMost) {
        behave((exchange, request) -> drip(exchange, atMost));
    }

    /** Lets go of everybody who is kept waiting, now and later. */
    public void release() {
        released.countDown();
    }

    public void reset() {
        release();
        released = new CountDownLatch(1);
        requests.clear();
        answersNormally();
    }

    public void handle(HttpExchange exchange) throws IOException {
        RecordedRequest request = RecordedRequest.of(exchange);
        requests.add(request);
        try (exchange) {
            behaviour.answer(exchange, request);
        }
    }

    private void behave(Behaviour next) {
        behaviour = next;
    }

    private void answerNormally(HttpExchange exchange, RecordedRequest request) throws IOException {
        send(exchange, normal.apply(request));
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    private static void sendHuge(HttpExchange exchange, long bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        byte[] block = new byte[64 * 1024];
        Arrays.fill(block, (byte) 'a');
        OutputStream body = exchange.getResponseBody();
        body.write("{\"padding\":\"".getBytes(StandardCharsets.UTF_8));
        for (long sent = 0; sent < bytes; sent += block.length) {
            body.write(block);
        }
        body.write("\"}".getBytes(StandardCharsets.UTF_8));
    }

    private void drip(HttpExchange exchange, Duration atMost) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        Instant end = Instant.now().plus(atMost);
        while (Instant.now().isBefore(end) && !heldFor(Duration.ofMillis(100))) {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
        }
    }

    /** Whether it was released within the time. */
    private boolean heldFor(Duration time) {
        try {
            return released.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
