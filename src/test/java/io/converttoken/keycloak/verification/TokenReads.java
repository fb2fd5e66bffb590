// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Set;

/** Everything that is read of a token before anything of it is proven. */
final class TokenReads {

    private static final long NOW = 1_800_000_000L;

    private TokenReads() {}

    /** @param secret what no exception may tell */
    static void assertReadOrRefused(ExternalToken token, String secret) {
        token.isWellFormed();
        assertReadOrRefused(
                () -> SignedJwt.in(token.value())
                        .ifPresent(jwt -> of(jwt).forEach(read -> assertReadOrRefused(read, secret))),
                secret);
    }

    private static void assertReadOrRefused(Runnable read, String secret) {
        Throwable thrown = catchThrowable(read::run);
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(ExternalTokenRefusedException.class).hasNoCause();
            assertThat(thrown.getMessage()).doesNotContain(secret);
        }
    }

    private static List<Runnable> of(SignedJwt jwt) {
        TokenClaims claims = jwt.claims();
        return List.of(
                () -> jwt.kinds(Set.of("us")),
                jwt::algorithm,
                jwt::keyId,
                jwt::hasCriticalHeader,
                claims::audience,
                () -> claims.requireIssuedTo(Set.of("us")),
                claims::namesAnApplication,
                claims::requireSubject,
                claims::requireBearer,
                () -> claims.requireIssuer(Set.of("https://issuer.example")),
                () -> claims.requireValidAt(NOW, TokenClaims.CLOCK_TOLERANCE),
                () -> claims.requireIssuedWithin(60, NOW),
                () -> TokenUse.of(jwt).remaining(NOW, 0));
    }
}
