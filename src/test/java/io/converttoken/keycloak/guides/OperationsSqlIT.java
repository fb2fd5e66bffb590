// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** The guide's SQL on databases that are servers; {@link LifecycleIT} runs it on the embedded one. */
@ExtendWith(KeycloakExtension.class)
@DisabledIfSystemProperty(
        named = "keycloak.db",
        matches = "dev-file",
        disabledReason = "H2 is open to Keycloak alone: LifecycleIT runs the SQL there")
final class OperationsSqlIT {

    @Test
    void whoHasInvalidatedTokensIsListedAndForgotten(KeycloakServer keycloak, TestRealm realm) {
        Person person = Person.unknown();
        realm.addUser(person);
        Person other = Person.unknown();
        realm.addUser(other);
        Answer tokens = signIn(realm, person);
        signIn(realm, other);
        realm.call("/auth/invalidate-refresh-tokens")
                .bearer(tokens.accessToken())
                .param("client_id", "app")
                .post()
                .expect(204);
        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(400);

        String printed = keycloak.sql(OperationsSql.LIST_AND_DELETE);

        assertThat(printed.lines())
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                realm.name(),
                                person.username(),
                                tokens.accessTokenClaims().path("sub").asText(),
                                "app"))
                .noneSatisfy(line -> assertThat(line).contains(other.username()));
        realm.refresh(TestRealm.APP, tokens.refreshToken()).expect(200);
    }

    private static Answer signIn(TestRealm realm, Person person) {
        return realm.signIn(TestRealm.APP, person);
    }
}
