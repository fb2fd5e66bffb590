// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.guides.DjangoSituations.Side;
import io.converttoken.keycloak.guides.DjangoSituations.Situation;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The same calls to drf-social-oauth2 and to us. What comes back is what {@code docs/django.md} says in its tables, those
 * with the columns call and situation; what should stand there is in {@code target/django-comparison.md}.
 */
@ExtendWith(KeycloakExtension.class)
final class DjangoComparisonIT {

    private static final Path GUIDE = Path.of("docs", "django.md");
    private static final Path SEEN = Path.of("target", "django-comparison.md");

    @SuppressWarnings("NullAway.Init")
    private static FakeProvider provider;

    @AutoClose
    @SuppressWarnings("NullAway.Init")
    private static DjangoProject django;

    @SuppressWarnings("NullAway.Init")
    private static TestRealm realm;

    @BeforeAll
    static void bothSides(TestRealm testRealm, FakeProvider fakeProvider) {
        assumeTrue(KeycloakServer.isDistribution(), "the answers are the same in a container");
        DjangoProject.install().ifPresent(DjangoComparisonIT::skip);
        realm = testRealm;
        provider = fakeProvider;
        django = DjangoProject.start(provider);
        realm.addOidcProvider("social", provider)
                .addConvertTokenMapper("social", Map.of("allowedClients", "*", "backendNames", "google-oauth2"))
                .addUser(DjangoSituations.LINKED)
                .addUser(DjangoSituations.DISABLED)
                .addUser(DjangoSituations.UNIQUE);
        link(DjangoSituations.LINKED);
        link(DjangoSituations.DISABLED);
        realm.admin().updateUser(realm.name(), DjangoSituations.DISABLED.username(), Map.of("enabled", false));
    }

    private record There() implements Side {

        @Override
        public Call call(String endpoint) {
            return django.call(endpoint);
        }

        /** The rows that {@code serve.py} makes. */
        @Override
        public String associationOf(Person person) {
            return person.equals(DjangoSituations.LINKED) ? "1" : "2";
        }
    }

    private record Here() implements Side {

        @Override
        public Call call(String endpoint) {
            return realm.call("/auth/" + endpoint);
        }

        @Override
        public String associationOf(Person person) {
            return person.subject();
        }
    }

    @Test
    void guideShowsWhatBothSidesAnswer() throws IOException {
        List<String> seen = new ArrayList<>();
        for (Situation situation : DjangoSituations.of(provider)) {
            List<Answer> there = answers(situation, new There());
            List<Answer> here = answers(situation, new Here());
            seen.add(row(situation.call(), situation.when(), shown(there), shown(here)));
            if (isSuccess(there) && isSuccess(here)) {
                assertThat(members(here)).as("members: %s", situation).containsAll(members(there));
            }
        }
        Files.write(SEEN, seen);

        assertThat(rowsOfTheGuide()).as("rows in %s, see %s", GUIDE, SEEN).containsExactlyInAnyOrderElementsOf(seen);
    }

    private static List<Answer> answers(Situation situation, Side side) {
        provider.reset();
        if (isUnlinked()) {
            link(DjangoSituations.LINKED);
        }
        return situation.answers().apply(side);
    }

    private static boolean isSuccess(List<Answer> answers) {
        return answers.stream().allMatch(answer -> answer.status() < 300);
    }

    private static Set<String> members(List<Answer> answers) {
        Set<String> members = new TreeSet<>();
        answers.forEach(answer -> body(answer).ifPresent(body -> members.addAll(names(body))));
        return members;
    }

    private static String shown(List<Answer> answers) {
        return answers.stream()
                .map(DjangoComparisonIT::shown)
                .distinct()
                .sorted()
                .collect(Collectors.joining(" or "));
    }

    /** The status; of an error also its code, or the names in its body. */
    private static String shown(Answer answer) {
        String status = String.valueOf(answer.status());
        Optional<JsonNode> body = body(answer);
        if (body.isEmpty()) {
            return answer.text().isBlank() ? status : status + " without JSON";
        }
        if (body.get().has("error")) {
            return status + " `" + body.get().path("error").asText() + "`";
        }
        return answer.status() < 300 ? status : status + " `{" + String.join(", ", names(body.get())) + "}`";
    }

    private static Set<String> names(JsonNode body) {
        Set<String> names = new TreeSet<>();
        body.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Of JSON; a text of no length is none. */
    private static Optional<JsonNode> body(Answer answer) {
        try {
            return Optional.of(new ObjectMapper().readTree(answer.text())).filter(JsonNode::isObject);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    /** Of every table whose first columns are call and situation. */
    private static List<String> rowsOfTheGuide() throws IOException {
        List<String> rows = new ArrayList<>();
        boolean isOurs = false;
        for (String line : Files.readAllLines(GUIDE)) {
            if (line.startsWith("| call | situation |")) {
                isOurs = true;
            } else if (!line.startsWith("|")) {
                isOurs = false;
            } else if (isOurs && !line.startsWith("|---")) {
                rows.add(line);
            }
        }
        return rows;
    }

    private static boolean isUnlinked() {
        return realm.admin()
                .federatedIdentities(realm.name(), DjangoSituations.LINKED.username())
                .isEmpty();
    }

    private static void link(Person person) {
        realm.admin().addFederatedIdentity(realm.name(), person.username(), "social", person);
    }

    private static void skip(String reason) {
        System.out.println("SKIPPED: comparison with drf-social-oauth2, because " + reason);
        abort(reason);
    }
}
