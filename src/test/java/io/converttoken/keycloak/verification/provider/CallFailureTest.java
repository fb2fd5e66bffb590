// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CallFailureTest {

    private static final String URL = "https://user:secret@idp.example:8443/keys?token=abc";

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new UnknownHostException("idp.example"), "unknown host"),
                Arguments.of(new SSLPeerUnverifiedException("abc"), "the certificate is for another host"),
                Arguments.of(
                        new SSLHandshakeException("abc"),
                        "the TLS handshake failed, as with a certificate that is not trusted"),
                Arguments.of(new SocketTimeoutException("abc"), "no answer in time"),
                Arguments.of(new ConnectException("abc"), "connection refused"),
                Arguments.of(new IOException(new ConnectException("abc")), "connection refused"),
                Arguments.of(new IOException("abc"), "no answer"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failuresAreToldFromEachOtherWithoutTheirMessages(Exception failure, String word) {
        assertThat(CallFailure.of(URL, failure)).isEqualTo("https://idp.example:8443/keys: " + word);
    }

    @Test
    void statusIsNamed() {
        assertThat(CallFailure.of(URL, 404)).isEqualTo("https://idp.example:8443/keys: status 404");
    }

    @Test
    void addressThatIsNoneIsNotShown() {
        assertThat(CallFailure.address("ht tp://secret")).isEqualTo("an address that is none");
    }
}
