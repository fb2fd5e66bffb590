// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.CompiledExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server with what many realms have for Apple: an identity provider type of its own, and a vault. */
final class AppleExtensionIT {

    @SuppressWarnings("NullAway.Init")
    private static SocialHosts hosts;

    @SuppressWarnings("NullAway.Init")
    private static KeycloakServer server;

    @SuppressWarnings("NullAway.Init")
    private static TestRealm realm;

    @SuppressWarnings("NullAway.Init")
    private static Apple apple;

    @SuppressWarnings("NullAway.Init")
    private static Path vault;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        assumeTrue(KeycloakServer.isDistribution(), "the server is started from the distribution, with two JARs");
        hosts = SocialHosts.start(directory);
        apple = hosts.get(Apple.class);
        vault = Files.createDirectory(directory.resolve("vault"));
        server = KeycloakServer.startBesides(
                hosts,
                List.of(CompiledExtension.of("apple-type")),
                List.of("--vault=file", "--vault-dir=" + vault),
                "keycloak-it-apple.log");
        realm = TestRealm.createIn(server);
        server.admin().requireNothingOfUsers(realm.name());
        Files.writeString(vault.resolve(realm.name() + "_apple-key"), apple.privateKey());
        Files.writeString(vault.resolve(realm.name() + "_no-key"), "something else");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    /** The setting in which the key is depends on the version. */
    @ParameterizedTest
    @ValueSource(strings = {"clientSecret", "p8Content"})
    void identityProviderOfTheExtensionIsABackend(String settingOfKey) {
        String alias = "apple-" + settingOfKey.toLowerCase(java.util.Locale.ROOT);
        Map<String, String> settings = new HashMap<>();
        settings.put("clientId", apple.clientId());
        settings.put("clientSecret", "");
        settings.put("teamId", Apple.TEAM_ID);
        settings.put("keyId", Apple.KEY_ID);
        settings.put(settingOfKey, apple.privateKey());
        realm.addIdentityProvider(alias, "apple", settings, Map.of())
                .addConvertTokenMapper(alias, Map.of("allowedClients", "*", "acceptedAudiences", Apple.BUNDLE_ID));
        Person person = apple.newcomer();

        Answer byToken = realm.convert(alias, apple.idToken(person).mint()).expect(200);
        Answer byCode =
                realm.codeConversion(alias, apple.code(person).mint()).post().expect(200);
        Answer byOldApp = oldApp(alias, apple.code(person).mint());

        assertThat(Conversions.user(byCode)).isEqualTo(Conversions.user(byToken));
        assertThat(Conversions.user(byOldApp)).isEqualTo(Conversions.user(byToken));
        new Conversions(realm, alias)
                .refuses(
                        realm.conversion(
                                alias,
                                apple.idToken(person).audience("com.another").mint()),
                        ReasonCode.AUDIENCE_MISMATCH);
    }

    /** Its client secret may be the private key, which nobody may get to see, Apple included. */
    @Test
    void keyOfTheExtensionIsNotSentAsASecret() {
        realm.addIdentityProvider(
                        "apple-half",
                        "apple",
                        Map.of("clientId", apple.clientId(), "clientSecret", apple.privateKey()),
                        Map.of())
                .addConvertTokenMapper("apple-half", Map.of("allowedClients", "*"));
        String code = apple.code(apple.newcomer()).issuedTo(apple.clientId()).mint();
        apple.tokenEndpoint().reset();

        new Conversions(realm, "apple-half")
                .refuses(realm.codeConversion("apple-half", code), ReasonCode.SECRET_NOT_CONFIGURED);

        assertThat(apple.tokenEndpoint().requestCount()).isZero();
        assertThat(apple.seenSecrets()).doesNotContain(apple.privateKey());
    }

    /** A code must not be lost, nor another secret be tried. */
    @Test
    void keyThatCanNotBeReadAnyMoreRefusesBeforeTheCodeIsRedeemed() throws IOException {
        Path entry = vault.resolve(realm.name() + "_passing-key");
        Files.writeString(entry, apple.privateKey());
        Map<String, String> mapper = new HashMap<>(apple.mapper());
        mapper.put("applePrivateKey", "${vault.passing-key}");
        Conversions.add(realm, "passing", apple, Map.of(), mapper);
        String code = apple.code(apple.newcomer()).mint();
        Files.delete(entry);
        apple.tokenEndpoint().reset();

        new Conversions(realm, "passing")
                .refuses(realm.codeConversion("passing", code), ReasonCode.SECRET_NOT_CONFIGURED);
        assertThat(apple.tokenEndpoint().requestCount()).isZero();

        Files.writeString(entry, apple.privateKey());
        realm.codeConversion("passing", code).post().expect(200);
    }

    /** The request that apps of the extension send. */
    private static Answer oldApp(String alias, String code) {
        return realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_issuer", alias)
                .param("subject_token", code)
                .param("subject_token_type", "apple-authz-code")
                .param("app_identifier", Apple.BUNDLE_ID)
                .param("user_profile", "{\"name\":{\"firstName\":\"Bob\"}}")
                .post()
                .expect(200);
    }

    @Test
    void keyMayBeInTheVault() {
        Map<String, String> mapper = new HashMap<>(apple.mapper());
        mapper.put("applePrivateKey", "${vault.apple-key}");
        Conversions.add(realm, "vault", apple, Map.of(), mapper);

        realm.codeConversion("vault", apple.code(apple.newcomer()).mint())
                .post()
                .expect(200);
        assertThat(server.admin().identityProviderMappers(realm.name(), "vault").toString())
                .contains("${vault.apple-key}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-key", "nothing"})
    void referenceToSomethingElseIsRefused(String entry) {
        Map<String, String> mapper = new HashMap<>(apple.mapper());
        mapper.put("applePrivateKey", "${vault." + entry + "}");
        mapper.put("allowedClients", "*");
        realm.addSocialProvider("apple-" + entry, apple, Map.of());

        Answer answer = server.admin()
                .call(realm.name() + "/identity-provider/instances/apple-" + entry + "/mappers")
                .json(Map.of(
                        "name",
                        "convert token",
                        "identityProviderAlias",
                        "apple-" + entry,
                        "identityProviderMapper",
                        "convert-token",
                        "config",
                        mapper))
                .post();

        assertThat(answer.expect(400).json().path("errorMessage").asText()).contains("P-256");
    }
}
