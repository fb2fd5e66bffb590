package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenUseTest {

    private static final long NOW = 1_000_000;

    /** A token is taken until the last second of the clock skew, and remembered until then. */
    @ParameterizedTest
    @CsvSource({"1000300, 330", "1000000, 30", "999971, 1", "999970, 1"})
    void isRememberedForAsLongAsItCouldBeTaken(long expiry, long seconds) {
        assertThat(new TokenUse("digest", OptionalLong.of(expiry)).remaining(NOW))
                .contains(seconds);
    }

    @Test
    void withoutEndNobodyKnowsForHowLong() {
        assertThat(new TokenUse("digest", OptionalLong.empty()).remaining(NOW)).isEmpty();
    }

    @Test
    void anotherSignatureOfTheSameIsTheSameUse() {
        assertThat(use("eyJhbGciOiJFUzI1NiJ9.payload.signature").digest())
                .isEqualTo(use("eyJhbGciOiJFUzI1NiJ9.payload.other").digest());
        assertThat(use("eyJhbGciOiJFUzI1NiJ9.payload.signature").digest())
                .isNotEqualTo(use("eyJhbGciOiJFUzI1NiJ9.other.signature").digest());
        assertThat(use("opaque").digest()).isNotEqualTo(use("opaquE").digest());
    }

    private static TokenUse use(String token) {
        return TokenUse.ofIntrospected(
                new ExternalToken(token, Optional.empty(), Optional.empty()), OptionalLong.empty());
    }
}
