// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/** A backend of its own for a test, with a provider of its own. */
public record TestBackend(TestRealm realm, String alias, FakeProvider provider) implements AutoCloseable {

    private static final Duration RECOVERED = Duration.ofSeconds(45);

    public static TestBackend add(TestRealm realm, String alias) {
        TestBackend backend = new TestBackend(realm, alias, FakeProvider.start());
        realm.addOidcProvider(alias, backend.provider).addConvertTokenMapper(alias, Map.of("allowedClients", "*"));
        return backend;
    }

    public Answer convert(String token) {
        return realm.convert(alias, token);
    }

    public String goodToken() {
        return provider.opaqueToken(Person.unknown()).mint();
    }

    public String goodIdToken() {
        return provider.idToken(Person.unknown()).mint();
    }

    /** How often the provider was asked. */
    public int calls() {
        return Stream.of(provider.introspection(), provider.userInfo(), provider.jwks())
                .mapToInt(ProviderEndpoint::requestCount)
                .sum();
    }

    public void convertsAgain() {
        Await.until(
                "conversions succeed again",
                RECOVERED,
                () -> convert(goodToken()).status() == 200);
    }

    /** The answer says to try again, and when. */
    public static void assertUnavailable(Answer answer) {
        assertThat(answer.expect(503).error()).isEqualTo("temporarily_unavailable");
        assertThat(answer.header("Retry-After"))
                .hasValueSatisfying(value -> assertThat(value).matches("[1-9]\\d?"));
    }

    @Override
    public void close() {
        provider.close();
    }
}
