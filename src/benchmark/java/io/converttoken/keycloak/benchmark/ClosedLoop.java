// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import io.converttoken.keycloak.testing.ProcessorTime;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** A few connections, each of which asks again as soon as it is answered. Whatever is not 200 ends the run. */
final class ClosedLoop implements AutoCloseable {

    private static final int DIGITS = 3;

    private final KeycloakOnPostgres keycloak;
    private final int connections;
    private final ExecutorService threads;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ClosedLoop(KeycloakOnPostgres keycloak, int connections) {
        this.keycloak = keycloak;
        this.connections = connections;
        this.threads = Executors.newFixedThreadPool(connections);
    }

    Round run(Flow flow, Duration time) throws InterruptedException, ExecutionException {
        flow.prepare();
        Histogram latencies = new ConcurrentHistogram(DIGITS);
        ProcessorTime serverBefore = keycloak.serverCpu();
        ProcessorTime databaseBefore = keycloak.databaseCpu();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        List<Future<?>> loops = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            loops.add(threads.submit(() -> {
                askUntil(end, flow, latencies);
                return null;
            }));
        }
        for (Future<?> loop : loops) {
            loop.get();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double requests = latencies.getTotalCount();
        return new Round(
                requests / seconds,
                milliseconds(latencies.getValueAtPercentile(50)),
                milliseconds(latencies.getValueAtPercentile(99)),
                keycloak.serverCpu().since(serverBefore).toNanos() / 1e6 / requests,
                keycloak.databaseCpu().since(databaseBefore).toNanos() / 1e6 / requests);
    }

    private void askUntil(long end, Flow flow, Histogram latencies) throws IOException, InterruptedException {
        while (System.nanoTime() < end) {
            long sent = System.nanoTime();
            HttpResponse<String> answer = http.send(flow.next(), HttpResponse.BodyHandlers.ofString());
            latencies.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - sent));
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(
                        flow.title() + " was answered " + answer.statusCode() + " " + answer.body());
            }
        }
    }

    private static double milliseconds(long microseconds) {
        return microseconds / 1000.0;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
