// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** A proxy that knows CONNECT (RFC 9110, section 9.3.6) alone, and leads every known host to one server. */
public final class ConnectProxy implements AutoCloseable {

    private static final int MAX_HEAD = 8192;

    private final ServerSocket listener;
    private final Set<String> hosts;
    private final InetSocketAddress target;
    private final Set<String> strangers;
    private final ExecutorService threads;

    private ConnectProxy(
            ServerSocket listener,
            Set<String> hosts,
            InetSocketAddress target,
            Set<String> strangers,
            ExecutorService threads) {
        this.listener = listener;
        this.hosts = hosts;
        this.target = target;
        this.strangers = strangers;
        this.threads = threads;
    }

    /** @param strangers where hosts are noted that are not known */
    public static ConnectProxy start(
            Set<String> hosts, InetSocketAddress target, Set<String> strangers, ExecutorService threads)
            throws IOException {
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ConnectProxy proxy = new ConnectProxy(listener, hosts, target, strangers, threads);
        threads.execute(proxy::acceptAll);
        return proxy;
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public void close() {
        closeQuietly(listener);
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket caller = listener.accept();
                threads.execute(() -> serve(caller));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket caller) {
        try {
            InputStream in = new BufferedInputStream(caller.getInputStream());
            String host = host(head(in));
            if (!hosts.contains(host)) {
                strangers.add(host);
                write(caller, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
                closeQuietly(caller);
                return;
            }
            Socket provider = new Socket(target.getAddress(), target.getPort());
            write(caller, "HTTP/1.1 200 Connection Established\r\n\r\n");
            threads.execute(() -> pump(provider, caller));
            copy(in, provider.getOutputStream());
            closeQuietly(provider);
            closeQuietly(caller);
        } catch (IOException | UncheckedIOException hungUp) {
            closeQuietly(caller);
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            copy(from.getInputStream(), to.getOutputStream());
        } catch (IOException hungUp) {
            // the other direction ends by the closed sockets
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] block = new byte[16 * 1024];
        for (int length = from.read(block); length >= 0; length = from.read(block)) {
            to.write(block, 0, length);
            to.flush();
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0 || head.length() > MAX_HEAD) {
                throw new IOException("no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Of {@code CONNECT host:port HTTP/1.1}; the whole line where it is another request. */
    private static String host(String head) {
        String line = head.substring(0, head.indexOf("\r\n"));
        return line.startsWith("CONNECT ") ? line.substring(8).replaceFirst(":\\d+ .*$", "") : line;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static void closeQuietly(Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
