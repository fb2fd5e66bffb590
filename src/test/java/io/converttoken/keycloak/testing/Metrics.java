// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What {@code /metrics} tells at one time, in the text format of Prometheus. */
public record Metrics(String text) {

    public static Metrics of(KeycloakServer keycloak) {
        return new Metrics(Call.to(URI.create(keycloak.management() + "/metrics"))
                .header("Accept", "text/plain")
                .get()
                .expect(200)
                .text());
    }

    /** The names of all samples. */
    public Set<String> names() {
        return text.lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
    }

    /** The value of a sample with all of these labels. */
    public double value(String name, Map<String, String> labels) {
        return text.lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> labels.entrySet().stream()
                        .allMatch(label -> line.contains(label.getKey() + "=\"" + label.getValue() + "\"")))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + name + labels + " in\n"
                        + text.lines()
                                .filter(line -> line.startsWith("convert_token"))
                                .collect(Collectors.joining("\n"))));
    }
}
