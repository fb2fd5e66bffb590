// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.verification.token.GoogleAccount;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a person ends and a machine begins, to the letter. */
class GoogleAccountTest {

    private static final Set<String> OURS = Set.of("1-web.apps.googleusercontent.com", "our-legacy-id");

    @ParameterizedTest
    @CsvSource({
        "'', 42, ''",
        "1-web.apps.googleusercontent.com, 42, person@gmail.com",
        "our-legacy-id, 42, person@gmail.com",
        "1-android.apps.googleusercontent.com, 42, person@company.example",
        "123456789012.apps.googleusercontent.com, 42, person@company.example",
        "'', 42, gserviceaccount.com@company.example",
        "'', 42, person@gserviceaccount.com.example",
        "'', 42, person@notgserviceaccount.com"
    })
    void isAPerson(String authorizedParty, String subject, String email) {
        assertThat(new GoogleAccount(authorizedParty, subject, email).isPerson(OURS))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "42, 42, ''",
        "43, 42, ''",
        "our-legacy-id, our-legacy-id, ''",
        "another-legacy-id, 42, person@gmail.com",
        "1-web.apps.googleusercontent.com.example, 42, person@gmail.com",
        "apps.googleusercontent.com, 42, person@gmail.com",
        ".apps.googleusercontent.com, 42, person@gmail.com",
        "evil@1-web.apps.googleusercontent.com, 42, person@gmail.com",
        "'1-web.apps.googleusercontent.com ', 42, person@gmail.com",
        "'', 42, robot@gserviceaccount.com",
        "'', 42, robot@project.iam.gserviceaccount.com",
        "'', 42, 1-compute@developer.gserviceaccount.com",
        "'', 42, project@appspot.gserviceaccount.com",
        "'', 42, robot@Project.IAM.GServiceAccount.com",
        "'', 42, 'robot@project.iam.gserviceaccount.com '",
        "'', 42, robot@project.iam.gserviceaccount.com."
    })
    void isAMachine(String authorizedParty, String subject, String email) {
        assertThat(new GoogleAccount(authorizedParty, subject, email).isPerson(OURS))
                .isFalse();
    }
}
