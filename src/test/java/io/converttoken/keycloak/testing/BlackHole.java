// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** An address at which no connection comes about, and none is refused: its queue is full and nobody takes from it. */
public final class BlackHole implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 500;
    private static final int ENOUGH = 64;

    private final ServerSocket server;
    private final List<Socket> queue = new ArrayList<>();

    private BlackHole(ServerSocket server) {
        this.server = server;
    }

    public static BlackHole open() {
        try {
            BlackHole hole = new BlackHole(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            hole.fill();
            return hole;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri(String path) {
        return URI.create("http://" + ServerOptions.LOOPBACK + ":" + server.getLocalPort() + path);
    }

    private void fill() throws IOException {
        for (int i = 0; i < ENOUGH; i++) {
            Socket socket = new Socket();
            queue.add(socket);
            try {
                socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), PATIENCE_MILLIS);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new IllegalStateException("connections still come about");
    }

    @Override
    public void close() {
        try {
            for (Socket socket : queue) {
                socket.close();
            }
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
