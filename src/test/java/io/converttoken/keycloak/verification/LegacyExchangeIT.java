package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.AdminApi;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.verification.SocialAttacks.Attack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The attacks of {@link SocialRefusalsIT}, sent to the external token exchange that Keycloak itself has as a preview (V1):
 * what it lets in is what the README says of it.
 */
@ExtendWith(KeycloakExtension.class)
class LegacyExchangeIT {

    private static final String GENUINE = "of ours, genuine";
    private static final Set<String> LEFT_OUT_FOR_WIDTH = Set.of("ghe", "paypal", "stackoverflow", "openshift");

    @Test
    void readmeTellsWhatItLetsIn(SocialHosts hosts) throws IOException {
        Map<String, String> columns = SocialAttacks.titles();
        columns.keySet().removeAll(LEFT_OUT_FOR_WIDTH);
        AttackTable table = new AttackTable(columns);
        try (KeycloakServer keycloak = KeycloakServer.startWithLegacyExchange(hosts);
                TestRealm realm = TestRealm.createIn(keycloak)) {
            SocialAttacks attacks = new SocialAttacks(hosts, realm);
            columns.keySet().forEach(alias -> allowExchange(realm, alias, attacks));
            genuine()
                    .filter(token -> columns.containsKey(token.alias()))
                    .forEach(token -> table.add(token, outcome(realm, token, attacks.token(token))));
            attacks.all()
                    .filter(attack -> columns.containsKey(attack.alias()))
                    .forEach(attack -> table.add(attack, outcome(realm, attack, attacks.token(attack))));
        }
        Files.writeString(Path.of("target", "legacy-exchange.md"), table.markdown());

        assertThat(Files.readString(Path.of("README.md"))).contains(table.markdown());
    }

    /** The comparison is fair: what is genuine and ours is shown to it, too. */
    private static Stream<Attack> genuine() {
        return Stream.concat(
                SocialAttacks.WITH_ID_TOKENS.stream()
                        .map(alias -> new Attack(
                                alias,
                                TokenKind.ID_TOKEN,
                                GENUINE,
                                Refusal.MALFORMED,
                                provider -> provider.idToken(provider.newcomer())
                                        .audience(provider.clientId())
                                        .mint())),
                SocialAttacks.providers().keySet().stream()
                        .filter(alias -> !alias.equals("apple"))
                        .map(alias -> new Attack(
                                alias,
                                TokenKind.ACCESS_TOKEN,
                                GENUINE,
                                Refusal.MALFORMED,
                                provider -> provider.accessToken(provider.newcomer())
                                        .mint())));
    }

    private static String outcome(TestRealm realm, Attack attack, String token) {
        return isLetIn(realm, attack, token) ? (attack.what().equals(GENUINE) ? "in" : "**in**") : "refused";
    }

    private static boolean isLetIn(TestRealm realm, Attack attack, String token) {
        Answer answer = realm.tokenEndpoint()
                .as(TestRealm.APP)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_token", token)
                .param(
                        "subject_token_type",
                        "urn:ietf:params:oauth:token-type:"
                                + (attack.kind() == TokenKind.ID_TOKEN ? "id_token" : "access_token"))
                .param("subject_issuer", attack.alias())
                .post();
        return answer.status() == 200 && !answer.accessToken().isEmpty();
    }

    /** As the documentation of the preview has it: a permission on the identity provider, and a policy for the client. */
    private static void allowExchange(TestRealm realm, String alias, SocialAttacks attacks) {
        AdminApi admin = realm.admin();
        realm.addSocialProvider(alias, attacks.provider(alias), Map.of("disableTypeClaimCheck", "true"));
        JsonNode permissions = admin.call(
                        realm.name() + "/identity-provider/instances/" + alias + "/management/permissions")
                .json(Map.of("enabled", true))
                .put()
                .expect(200)
                .json();
        String permission =
                permissions.path("scopePermissions").path("token-exchange").asText();
        String authorization = realm.name() + "/clients/"
                + admin.client(realm.name(), "realm-management").path("id").asText() + "/authz/resource-server/";
        String policy = admin.call(authorization + "policy/client")
                .json(Map.of(
                        "name",
                        "exchange-" + alias,
                        "clients",
                        List.of(admin.client(realm.name(), TestRealm.APP.clientId())
                                .path("id")
                                .asText())))
                .post()
                .expect(201)
                .json()
                .path("id")
                .asText();
        String path = authorization + "permission/scope/" + permission;
        Map<String, Object> changed = new LinkedHashMap<>();
        JsonNode present = admin.get(path);
        List.of("id", "name", "type", "logic", "decisionStrategy")
                .forEach(member -> changed.put(member, present.path(member).asText()));
        changed.put("resources", ids(admin.get(path + "/resources"), "_id"));
        changed.put("scopes", ids(admin.get(path + "/scopes"), "id"));
        changed.put("policies", List.of(policy));
        admin.put(path, changed);
    }

    private static List<String> ids(JsonNode list, String member) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(entry -> entry.path(member).asText())
                .toList();
    }
}
