// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.verification.token.TokenUse;
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
        assertThat(new TokenUse("digest", OptionalLong.of(expiry)).remaining(NOW, 0))
                .contains(seconds);
    }

    @Test
    void allowedClockSkewIsAddedToIt() {
        assertThat(new TokenUse("digest", OptionalLong.of(NOW + 300)).remaining(NOW, 120))
                .contains(450L);
    }

    @Test
    void withoutEndNobodyKnowsForHowLong() {
        assertThat(new TokenUse("digest", OptionalLong.empty()).remaining(NOW, 0))
                .isEmpty();
    }

    @Test
    void anotherSignatureOfTheSameIsTheSameUse() {
        assertThat(use("eyJhbGciOiJFUzI1NiJ9.e30.c2ln").digest())
                .isEqualTo(use("eyJhbGciOiJFUzI1NiJ9.e30.YQ").digest());
        assertThat(use("eyJhbGciOiJFUzI1NiJ9.e30.c2ln").digest())
                .isNotEqualTo(use("eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2ln").digest());
        assertThat(use("e30.YQ.YQ.YQ.YQ").digest())
                .isEqualTo(use("e30.YR.YQ.YQ.YR").digest());
        assertThat(use("e30.YQ.YQ.YQ.YQ").digest())
                .isNotEqualTo(use("e30.YQ.YQ.YQ.Yg").digest());
        assertThat(use("opaque").digest()).isNotEqualTo(use("opaquE").digest());
    }

    private static TokenUse use(String token) {
        return TokenUse.expiring(new ExternalToken(token, Optional.empty(), Optional.empty()), OptionalLong.empty());
    }
}
