// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One kind of request to the token endpoint, as often as it is asked for; what it sends was made before. */
final class Flow {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final String title;
    private final URI endpoint;
    private final Supplier<String> bodies;
    private final Runnable refill;

    private Flow(String name, String title, URI endpoint, Supplier<String> bodies, Runnable refill) {
        this.name = name;
        this.title = title;
        this.endpoint = endpoint;
        this.bodies = bodies;
        this.refill = refill;
    }

    /** The same requests again and again, in turns. */
    static Flow repeating(String name, String title, URI endpoint, List<Map<String, String>> forms) {
        List<String> bodies = forms.stream().map(Flow::encoded).toList();
        AtomicInteger next = new AtomicInteger();
        return new Flow(
                name,
                title,
                endpoint,
                () -> bodies.get(Math.floorMod(next.getAndIncrement(), bodies.size())),
                () -> {});
    }

    /**
     * A request that was never sent before.
     *
     * @param stock how many are made before a round; more are made while it runs
     */
    static Flow fresh(String name, String title, URI endpoint, int stock, Supplier<Map<String, String>> forms) {
        Queue<String> made = new ConcurrentLinkedQueue<>();
        return new Flow(
                name,
                title,
                endpoint,
                () -> {
                    String body = made.poll();
                    return body == null ? encoded(forms.get()) : body;
                },
                () -> {
                    for (int missing = stock - made.size(); missing > 0; missing--) {
                        made.add(encoded(forms.get()));
                    }
                });
    }

    /** By which a run is told to take part. */
    String name() {
        return name;
    }

    String title() {
        return title;
    }

    /** To be called before a round. */
    void prepare() {
        refill.run();
    }

    HttpRequest next() {
        return HttpRequest.newBuilder(endpoint)
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(bodies.get()))
                .build();
    }

    private static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
