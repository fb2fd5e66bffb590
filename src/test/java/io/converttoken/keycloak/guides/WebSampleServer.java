// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * Serves the web sample by the demo's own program, which prints its address. Where npm cannot bring the library, the test
 * is skipped.
 */
final class WebSampleServer implements AutoCloseable {

    private final Process process;
    private final URI address;

    private WebSampleServer(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /** On any free port. */
    static WebSampleServer start(URI keycloak) {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "src/demo/java/WebSample.java",
                            "examples/web",
                            keycloak.toString(),
                            "0")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String address = process.inputReader().readLine();
            if (address == null) {
                System.out.println("SKIPPED: the web sample, because npm could not bring its library");
                abort("no library for the web sample");
            }
            return new WebSampleServer(process, URI.create(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI address() {
        return address;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
