// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Strangers who send bodies to loopback as fast as they can, each over a new connection, until they are stopped. */
public final class Flood implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    /** Of connections that were closed before there was an answer. */
    private static final String NONE = "none";

    private final URI base;
    private final ExecutorService senders;
    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    private volatile boolean isOver;

    private Flood(URI base, int connections) {
        this.base = base;
        this.senders = Executors.newFixedThreadPool(connections);
    }

    /** A body and where it goes. */
    public record Body(String path, String contentType, byte[] content, boolean isAnnounced) {

        public static Body form(String path, String content) {
            return new Body(path, "application/x-www-form-urlencoded", ascii(content), true);
        }

        public static Body json(String path, String content) {
            return new Body(path, "application/json", ascii(content), true);
        }

        /** A form in parts, of one value. */
        public static Body parts(String path, String value) {
            String part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + value;
            return new Body(path, "multipart/form-data; boundary=x", ascii(part + "\r\n--x--\r\n"), true);
        }

        /** The same without its length. */
        public Body unannounced() {
            return new Body(path, contentType, content, false);
        }

        private byte[] head(URI base) {
            return ascii("POST " + path + " HTTP/1.1\r\nHost: " + base.getAuthority() + "\r\nContent-Type: "
                    + contentType
                    + "\r\nConnection: close\r\n"
                    + (isAnnounced
                            ? "Content-Length: " + content.length + "\r\n\r\n"
                            : "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(content.length) + "\r\n"));
        }

        private byte[] tail() {
            return ascii(isAnnounced ? "" : "\r\n0\r\n\r\n");
        }
    }

    /** Sends these bodies in turns, over so many connections at a time. */
    public static Flood of(URI base, int connections, List<Body> bodies) {
        Flood flood = new Flood(base, connections);
        for (int i = 0; i < connections; i++) {
            List<Body> inTurns = new ArrayList<>(bodies.subList(i % bodies.size(), bodies.size()));
            inTurns.addAll(bodies.subList(0, i % bodies.size()));
            flood.senders.execute(() -> flood.sendAll(inTurns));
        }
        return flood;
    }

    private void sendAll(List<Body> bodies) {
        while (!isOver) {
            for (Body body : bodies) {
                if (!isOver) {
                    answers.computeIfAbsent(send(body), key -> new LongAdder()).increment();
                }
            }
        }
    }

    /** Sends one body, and returns the status, or {@code none}. */
    private String send(Body body) {
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(body.head(base));
            out.write(body.content());
            out.write(body.tail());
            out.flush();
            String status = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return status == null ? NONE : status.split(" ", 3)[1];
        } catch (IOException e) {
            return NONE;
        }
    }

    /** How many answers there were so far, by status. */
    public Map<String, Long> answers() {
        Map<String, Long> counts = new TreeMap<>();
        answers.forEach((status, count) -> counts.put(status, count.sum()));
        return counts;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        isOver = true;
        senders.shutdown();
        try {
            if (!senders.awaitTermination(2L * PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("A sender hangs");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
