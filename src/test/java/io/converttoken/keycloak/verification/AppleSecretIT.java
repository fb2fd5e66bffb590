// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The key from which client secrets for Apple are made: nobody gets to see it again, and browser logins use it too. */
@ExtendWith(KeycloakExtension.class)
class AppleSecretIT {

    private static TestRealm realm;
    private static AdminApi admin;
    private static KeycloakServer keycloak;
    private static Apple apple;
    private static String keyText;

    @BeforeAll
    static void backend(TestRealm testRealm, SocialHosts hosts, AdminApi adminApi, KeycloakServer server) {
        realm = testRealm;
        admin = adminApi;
        keycloak = server;
        apple = hosts.get(Apple.class);
        keyText = apple.privateKey().lines().skip(1).findFirst().orElseThrow();
        admin.requireNothingOfUsers(realm.name());
        admin.updateRealm(realm.name(), Map.of("adminEventsEnabled", true, "adminEventsDetailsEnabled", true));
    }

    /** The identity provider's own secret is one that Apple does not know any more. */
    @Test
    void browserLoginHasASecretThatDoesNotEnd() {
        Conversions.add(realm, "browser", apple, Map.of("clientSecret", "ended"), apple.mapper());
        Person person = apple.newcomer();

        Answer browser = BrowserLogin.through(realm, "browser", apple, person);
        Answer conversion =
                realm.convert("browser", apple.idToken(person).mint()).expect(200);

        assertThat(Conversions.user(browser)).isEqualTo(Conversions.user(conversion));
    }

    /** As without the extension. */
    @Test
    void browserLoginWithoutAKeyUsesTheSecretOfTheIdentityProvider() {
        Conversions.add(realm, "by-hand", apple, Map.of(), Map.of("acceptedAudiences", Apple.BUNDLE_ID));

        assertThat(BrowserLogin.through(realm, "by-hand", apple, apple.newcomer())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void keyIsNeverShownAgain() {
        admin.clearAdminEvents(realm.name());
        Conversions.add(realm, "hidden", apple, Map.of(), apple.mapper());
        String shown = mapper("hidden").toString();
        String events = admin.adminEvents(realm.name()).toString();
        String export = admin.call(realm.name() + "/partial-export")
                .post()
                .expect(200)
                .json()
                .toString();

        assertThat(shown).contains("stored:").doesNotContain(keyText);
        assertThat(events).contains("stored:").doesNotContain(keyText);
        assertThat(export).doesNotContain(keyText);
        assertThat(keycloak.log().contains(keyText)).isFalse();
        redeems("hidden");
    }

    /** What the console does: it reads the mapper, changes another field, and saves. */
    @Test
    void keyStaysWhenAnotherFieldIsSaved() {
        Conversions.add(realm, "edited", apple, Map.of(), apple.mapper());
        ObjectNode mapper = mapper("edited").deepCopy();
        ((ObjectNode) mapper.path("config")).put("maxTokenAge", "600");

        admin.updateIdentityProviderMapper(realm.name(), "edited", mapper);

        redeems("edited");
    }

    @Test
    void keyThatIsReplacedOrTakenAwayIsNotUsedAnyMore() {
        Conversions.add(realm, "rotated", apple, Map.of(), apple.mapper());
        redeems("rotated");
        Map<String, String> withoutKey = new HashMap<>(apple.mapper());
        withoutKey.keySet().removeIf(name -> name.startsWith("apple"));
        withoutKey.put("allowedClients", "*");

        realm.replaceConvertTokenMapper("rotated", withoutKey);

        assertThat(realm.codeConversion("rotated", apple.code(apple.newcomer()).mint())
                        .post()
                        .expect(503)
                        .error())
                .isEqualTo("temporarily_unavailable");
        assertThat(realm.event("LOGIN_ERROR").detail("reason")).isEqualTo("credentials_refused");
    }

    /** The fingerprint alone brings no key back that was taken away. */
    @Test
    void keyThatIsTakenAwayIsDeleted() {
        Conversions.add(realm, "taken-away", apple, Map.of(), apple.mapper());
        ObjectNode withKey = mapper("taken-away").deepCopy();
        realm.replaceConvertTokenMapper("taken-away", Map.of("allowedClients", "*"));

        assertThat(save("taken-away", withKey)
                        .expect(400)
                        .json()
                        .path("errorMessage")
                        .asText())
                .contains("P-256");
    }

    /** A text that is no key may be one with a mistake in it, so that the answer does not repeat it. */
    @Test
    void whatIsNoKeyIsRefusedAndNotRepeated() {
        Conversions.add(realm, "wrong", apple, Map.of(), Map.of());
        ObjectNode changed = mapper("wrong").deepCopy();
        ((ObjectNode) changed.path("config")).put("applePrivateKey", keyText);

        Answer answer = save("wrong", changed);

        assertThat(answer.expect(400).json().path("errorMessage").asText())
                .contains(
                        "Apple private key: paste the content", "Apple team ID: the team ID", "Apple key ID: the team")
                .doesNotContain(keyText);
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-384", "RSA"})
    void keyOfAnotherKindIsRefused(String kind) throws GeneralSecurityException {
        KeyPairGenerator keys = KeyPairGenerator.getInstance(kind.equals("RSA") ? "RSA" : "EC");
        keys.initialize(kind.equals("RSA") ? 2048 : 384);
        String alias = "key-" + kind.toLowerCase(Locale.ROOT);
        Conversions.add(realm, alias, apple, Map.of(), Map.of());
        ObjectNode changed = mapper(alias).deepCopy();
        apple.mapper().forEach(((ObjectNode) changed.path("config"))::put);
        ((ObjectNode) changed.path("config"))
                .put("applePrivateKey", Apple.pem(keys.generateKeyPair().getPrivate()));

        assertThat(save(alias, changed).expect(400).json().path("errorMessage").asText())
                .contains("P-256");
    }

    /** As a form may make of it that has only one line. */
    @Test
    void keyOnOneLineIsTaken() {
        Map<String, String> config = new HashMap<>(apple.mapper());
        config.computeIfPresent("applePrivateKey", (name, pem) -> pem.replace("\n", " "));
        Conversions.add(realm, "one-line", apple, Map.of(), config);

        redeems("one-line");
    }

    @Test
    void fingerprintOfAnotherServerIsRefused() {
        Conversions.add(realm, "imported", apple, Map.of(), Map.of());
        ObjectNode changed = mapper("imported").deepCopy();
        ObjectNode config = (ObjectNode) changed.path("config");
        apple.mapper().forEach(config::put);
        config.put("applePrivateKey", "stored:0123456789abcdef");

        Answer answer = save("imported", changed);

        assertThat(answer.expect(400).json().path("errorMessage").asText()).contains("P-256");
    }

    private static Answer save(String alias, ObjectNode mapper) {
        return admin.call(realm.name() + "/identity-provider/instances/" + alias + "/mappers/"
                        + mapper.path("id").asText())
                .json(mapper)
                .put();
    }

    private static JsonNode mapper(String alias) {
        return admin.identityProviderMappers(realm.name(), alias).get(0);
    }

    private static void redeems(String alias) {
        realm.codeConversion(alias, apple.code(apple.newcomer()).mint()).post().expect(200);
    }
}
