// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.internals.Causes;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Says which call failed and how, in words of ours. Messages of exceptions are not passed on, because they may quote
 * what was sent.
 */
final class CallFailure {

    /** From the most precise to the least. */
    private static final List<Map.Entry<Class<? extends Exception>, String>> WORDS = List.of(
            Map.entry(UnknownHostException.class, "unknown host"),
            Map.entry(SSLPeerUnverifiedException.class, "the certificate is for another host"),
            Map.entry(SSLException.class, "the TLS handshake failed, as with a certificate that is not trusted"),
            Map.entry(InterruptedIOException.class, "no answer in time"),
            Map.entry(NoRouteToHostException.class, "no route to the host"),
            Map.entry(ConnectException.class, "connection refused"),
            Map.entry(SocketException.class, "connection lost"));

    private CallFailure() {}

    static String of(String url, Exception failure) {
        return address(url) + ": " + word(failure);
    }

    static String of(String url, int status) {
        return address(url) + ": status " + status;
    }

    private static String word(Exception failure) {
        return WORDS.stream()
                .filter(entry -> Causes.of(failure).anyMatch(entry.getKey()::isInstance))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("no answer");
    }

    /** Returns the address without its query and without a user, because both may hold secrets. */
    static String address(String url) {
        try {
            URI uri = URI.create(url);
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            return uri.getScheme() + "://" + uri.getHost() + port + uri.getPath();
        } catch (IllegalArgumentException e) {
            return "an address that is none";
        }
    }
}
