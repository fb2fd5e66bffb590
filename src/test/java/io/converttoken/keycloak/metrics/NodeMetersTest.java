// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.metrics.Meters.CallOutcome;
import io.converttoken.keycloak.metrics.Meters.Limit;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeMetersTest {

    private static final BackendId SOCIAL = new BackendId("realm-id", "social-id", "mapper-id");
    private static final BackendId NEXT = new BackendId("realm-id", "next-id", "next-mapper-id");

    /** Of this test alone, since the registry is one for all. */
    private final String realm = UUID.randomUUID().toString();

    private final Labels labels = new Labels(realm, "social");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final NodeMeters node = new NodeMeters();

    @BeforeEach
    void listen() {
        Metrics.addRegistry(registry);
    }

    @AfterEach
    void close() {
        node.close();
        Metrics.removeRegistry(registry);
    }

    @Test
    void everyMeterGoes() {
        fill(node.of(SOCIAL, labels));
        assertThat(told())
                .extracting(Meter.Id::getName)
                .contains(
                        "convert_token.conversions",
                        "convert_token.connections",
                        "convert_token.provider.calls",
                        "convert_token.provider.rejections",
                        "convert_token.refusals.remembered",
                        "convert_token.provider.waiting",
                        "convert_token.provider.breaker");
        node.drop((id, names) -> id.equals(SOCIAL));
        assertThat(told()).isEmpty();
        assertThat(node.owners()).isEmpty();
    }

    @Test
    void callThatEndsLaterBringsNothingBack() {
        Meters meters = node.of(SOCIAL, labels);
        fill(meters);
        node.drop((id, names) -> true);
        fill(meters);
        assertThat(told()).isEmpty();
    }

    @Test
    void nextOneOfTheNameStartsWithNothing() {
        Meters former = node.of(SOCIAL, labels);
        fill(former);
        node.of(NEXT, labels).conversion("success", "none");
        former.conversion("success", "none");
        assertThat(value("convert_token.conversions")).isEqualTo(1);
        assertThat(node.owners()).containsOnlyKeys(NEXT);
    }

    /** The former one's gauges are closed when its settings are forgotten, which may be later. */
    @Test
    void formerGaugesThatCloseLateTakeNothingAway() {
        Meters.Gauges former = node.of(SOCIAL, labels).gauges(() -> 2, () -> 2, () -> 2);
        node.of(NEXT, labels).gauges(() -> 1, () -> 1, () -> 1);
        former.close();
        assertThat(value("convert_token.provider.waiting")).isEqualTo(1);
    }

    @Test
    void renamedOneLeavesItsName() {
        node.of(SOCIAL, labels).conversion("success", "none");
        node.of(SOCIAL, new Labels(realm, "renamed")).conversion("success", "none");
        assertThat(told())
                .singleElement()
                .satisfies(id -> assertThat(id.getTag("backend")).isEqualTo("renamed"));
    }

    @Test
    void aliasThatMeansNoBackendSharesItsMeters() {
        BackendId noBackend = BackendId.noneOf("realm-id");
        node.of(noBackend, Labels.ofRealm(realm)).conversion("success", "none");
        node.of(SOCIAL, new Labels(realm, "none")).conversion("success", "none");
        node.of(noBackend, Labels.ofRealm(realm)).conversion("success", "none");
        assertThat(value("convert_token.conversions")).isEqualTo(3);
    }

    @Test
    void countsOfManyThreadsAreAllThere() {
        IntStream.range(0, 10_000)
                .parallel()
                .forEach(i -> node.of(SOCIAL, labels).conversion("success", "none"));
        assertThat(value("convert_token.conversions")).isEqualTo(10_000);
    }

    private static void fill(Meters meters) {
        meters.conversion("success", "none");
        meters.connection("success");
        meters.providerCall(CallOutcome.ANSWERED, Duration.ofMillis(1));
        meters.limited(Limit.NODE);
        meters.remembered();
        meters.gauges(() -> 0, () -> 0, () -> 0);
    }

    private List<Meter.Id> told() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .filter(id -> realm.equals(id.getTag("realm")))
                .toList();
    }

    private double value(String name) {
        return registry.get(name)
                .tag("realm", realm)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }
}
