// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.testing.ExchangeV1;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The flows that are compared: ours, and what Keycloak has itself, for users of one realm and tokens of one provider. */
final class Peers {

    static final String ID_TOKEN = "convert-id-token";
    static final String OPAQUE = "convert-opaque";
    static final String FIRST = "convert-first";
    static final String V1_ID_TOKEN = "v1-id-token";
    static final String V1_OPAQUE = "v1-opaque";
    static final String V1_FIRST = "v1-first";
    static final String PASSWORD = "password";

    private static final String OURS = "ours";
    private static final String V1 = "v1";
    private static final int PEOPLE = Settings.number("people", 200);
    private static final Duration LONG = Duration.ofHours(10);
    private static final String URN = "urn:ietf:params:oauth:";

    private final TestRealm realm;
    private final FakeProvider provider;
    private final URI endpoint;
    private final int stock;
    private final AtomicInteger newcomers = new AtomicInteger();

    /** @param stock how many people who come for the first time are made before a round */
    Peers(TestRealm realm, FakeProvider provider, int stock) {
        this.realm = realm;
        this.provider = provider;
        this.endpoint = realm.uri("/protocol/openid-connect/token");
        this.stock = stock;
    }

    /** Sets everything up that the flows need: the clients' rights, the identity providers, and people who are known. */
    List<Flow> setUp() {
        realm.updateClient(
                TestRealm.APP,
                Map.of(
                        "serviceAccountsEnabled",
                        true,
                        "attributes",
                        Map.of(
                                "oauth2.jwt.authorization.grant.enabled",
                                "true",
                                "oauth2.jwt.authorization.grant.idp",
                                V1)));
        realm.addOidcProvider(OURS, provider);
        realm.addConvertTokenMapper(OURS, Map.of("allowedClients", TestRealm.APP.clientId()));
        realm.addOidcProvider(
                V1,
                provider,
                Map.of(
                        "disableTypeClaimCheck",
                        "true",
                        "jwtAuthorizationGrantEnabled",
                        "true",
                        "jwtAuthorizationGrantAssertionReuseAllowed",
                        "true",
                        "jwtAuthorizationGrantMaxAllowedAssertionExpiration",
                        String.valueOf(2 * LONG.toSeconds())));
        ExchangeV1.allow(realm, V1);

        List<Person> ours = people("ours");
        List<Person> theirs = people("v1");
        List<Person> ownUsers = people("own");
        List<Map<String, String>> conversions = forms(ours, person -> conversion(idToken(person)));
        List<Map<String, String>> exchanges = forms(theirs, person -> exchange(idToken(person), "id_token"));
        List<Map<String, String>> passwords = forms(ownUsers, Peers::password);
        conversions.parallelStream().forEach(this::post);
        exchanges.parallelStream().forEach(this::post);
        ownUsers.forEach(realm::addUser);
        // what is compared is measured side by side: the machine may not be as fast a minute later
        return List.of(
                repeating("client-credentials", "client credentials", List.of(form("client_credentials", Map.of()))),
                repeating(
                        "refresh",
                        "refresh",
                        passwords.parallelStream().map(this::refreshing).toList()),
                repeating("jwt-grant", "JWT authorization grant", forms(theirs, this::assertion)),
                repeating(PASSWORD, "password, hash of one round", passwords),
                repeating(ID_TOKEN, "**conversion, ID token**", conversions),
                repeating(V1_ID_TOKEN, "V1 exchange, ID token", exchanges),
                repeating(
                        OPAQUE, "**conversion, opaque token**", forms(ours, person -> conversion(opaqueToken(person)))),
                repeating(
                        V1_OPAQUE,
                        "V1 exchange, opaque token",
                        forms(theirs, person -> exchange(opaqueToken(person), "access_token"))),
                Flow.fresh(FIRST, "**conversion, first time**", endpoint, stock, () -> conversion(idToken(newcomer()))),
                Flow.fresh(
                        V1_FIRST,
                        "V1 exchange, first time",
                        endpoint,
                        stock,
                        () -> exchange(idToken(newcomer()), "id_token")));
    }

    private Flow repeating(String name, String title, List<Map<String, String>> forms) {
        return Flow.repeating(name, title, endpoint, forms);
    }

    // people and what they bring

    private static List<Person> people(String kind) {
        return IntStream.range(0, PEOPLE)
                .mapToObj(i -> Person.named(kind + "-" + i))
                .toList();
    }

    private Person newcomer() {
        return Person.named("newcomer-" + newcomers.incrementAndGet());
    }

    private String idToken(Person person) {
        return longLived(provider.idToken(person)).mint();
    }

    private String opaqueToken(Person person) {
        return provider.opaqueToken(person)
                .introspects("exp", System.currentTimeMillis() / 1000 + LONG.toSeconds())
                .mint();
    }

    private static JwtBuilder longLived(JwtBuilder token) {
        return token.expiresIn(LONG);
    }

    // requests

    private static List<Map<String, String>> forms(List<Person> people, Function<Person, Map<String, String>> form) {
        return people.stream().map(form).toList();
    }

    private static Map<String, String> form(String grantType, Map<String, String> more) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", grantType);
        form.put("client_id", TestRealm.APP.clientId());
        form.put("client_secret", TestRealm.APP.secret().orElseThrow());
        form.putAll(more);
        return form;
    }

    private static Map<String, String> password(Person person) {
        return form("password", Map.of("username", person.username(), "password", person.username()));
    }

    private Map<String, String> refreshing(Map<String, String> password) {
        return form(
                "refresh_token",
                Map.of("refresh_token", post(password).path("refresh_token").asText()));
    }

    private static Map<String, String> conversion(String token) {
        return form("convert_token", Map.of("backend", OURS, "token", token));
    }

    private static Map<String, String> exchange(String token, String type) {
        return form(
                URN + "grant-type:token-exchange",
                Map.of("subject_token", token, "subject_token_type", URN + "token-type:" + type, "subject_issuer", V1));
    }

    private Map<String, String> assertion(Person person) {
        String assertion = longLived(provider.idToken(person).audience(realm.issuer()))
                .claim("jti", person.username())
                .mint();
        return form(URN + "grant-type:jwt-bearer", Map.of("assertion", assertion));
    }

    private JsonNode post(Map<String, String> form) {
        return realm.tokenEndpoint().params(form).post().expect(200).json();
    }
}
