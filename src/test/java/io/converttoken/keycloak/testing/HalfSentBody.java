// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A POST that announces a body and sends its beginning only, until it is closed. */
public final class HalfSentBody implements AutoCloseable {

    private final Socket socket;

    private HalfSentBody(Socket socket) {
        this.socket = socket;
    }

    /**
     * Sends what there is.
     *
     * @param length that is announced
     */
    public static HalfSentBody to(URI uri, String contentType, int length, String beginning) {
        String head = "POST " + uri.getPath() + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nContent-Type: "
                + contentType + "\r\nContent-Length: " + length + "\r\n\r\n";
        try {
            Socket socket = new Socket(uri.getHost(), uri.getPort());
            socket.getOutputStream().write((head + beginning).getBytes(StandardCharsets.US_ASCII));
            return new HalfSentBody(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
