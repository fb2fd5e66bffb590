// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keycloak.Config;

class LimitsTest {

    private static final String PREFIX = "limits-test.";

    private final Config.Scope options = new Config.SystemPropertiesScope(PREFIX);

    @AfterEach
    void forget() {
        System.getProperties().keySet().removeIf(key -> key.toString().startsWith(PREFIX));
    }

    @Test
    void defaultsHoldWhereNothingIsSet() {
        assertThat(Limits.from(options)).isEqualTo(Limits.DEFAULT);
    }

    @Test
    void optionsAreRead() {
        set("waiting-per-backend", "1");
        set("waiting-per-node", "2");
        set("provider-deadline-millis", "300");
        set("breaker-failures", "4");
        set("breaker-window-seconds", "5");
        set("breaker-pause-seconds", "6");
        set("refusal-memory-seconds", "0");
        set("failures-per-minute", " 0 ");
        assertThat(Limits.from(options))
                .isEqualTo(new Limits(
                        1,
                        2,
                        Duration.ofMillis(300),
                        4,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        Duration.ZERO,
                        0));
    }

    @ParameterizedTest
    @CsvSource({
        "waiting-per-backend, 0",
        "waiting-per-node, -1",
        "provider-deadline-millis, 0",
        "provider-deadline-millis, 5s",
        "breaker-failures, 0",
        "breaker-window-seconds, 0",
        "breaker-pause-seconds, 0",
        "refusal-memory-seconds, -1",
        "failures-per-minute, many"
    })
    void valueThatIsNoneEndsTheStart(String name, String value) {
        set(name, value);
        assertThatThrownBy(() -> Limits.from(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    private static void set(String name, String value) {
        System.setProperty(PREFIX + name, value);
    }
}
