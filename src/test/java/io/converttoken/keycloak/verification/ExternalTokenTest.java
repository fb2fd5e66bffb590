// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExternalTokenTest {

    @Test
    void textShowsNeitherTokenNorNonce() {
        ExternalToken token = new ExternalToken("secret-token", Optional.of(TokenKind.ID_TOKEN), Optional.of("n0nce"));

        assertThat(token.toString()).doesNotContain("secret-token", "n0nce");
        assertThat(String.valueOf(Optional.of(token))).doesNotContain("secret-token", "n0nce");
    }
}
