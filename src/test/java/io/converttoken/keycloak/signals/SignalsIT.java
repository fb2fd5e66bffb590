// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Await;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Json;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestClient;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What providers tell, what follows from it, and what is refused. */
@ExtendWith(KeycloakExtension.class)
class SignalsIT {

    private static final String PARTNER = "partner";
    private static final String ISS_SUB = "iss_sub";

    private static TestRealm realm;
    private static SocialHosts hosts;
    private static OpenIdProvider partner;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts socialHosts) {
        realm = testRealm;
        hosts = socialHosts;
        partner = hosts.get(OpenIdProvider.class);
        realm.admin().requireNothingOfUsers(realm.name());
        add(PARTNER, partner, Map.of());
        add("apple", hosts.get(Apple.class), Map.of("acceptedAudiences", Apple.BUNDLE_ID));
        add("google", hosts.get(Google.class), Map.of());
        add("facebook", hosts.get(Facebook.class), Map.of());
        add("github", hosts.get(GitHub.class), Map.of());
        add("silent", partner, Map.of("signals", "false"));
    }

    @BeforeEach
    void clear() {
        realm.clearEvents();
    }

    private static void add(String alias, SocialProvider provider, Map<String, String> mapper) {
        Map<String, String> config = new HashMap<>(Map.of("allowedClients", "*", "signals", "true"));
        config.putAll(mapper);
        realm.addSocialProvider(alias, provider, Map.of("storeToken", "true")).addConvertTokenMapper(alias, config);
    }

    /** With a token that opens the profile, by which the tests see whether the session lives. */
    private static Answer signedIn(String alias, String token) {
        return realm.conversion(alias, token).param("scope", "openid").post();
    }

    private static Answer convert(String alias, Person person) {
        return signedIn(alias, partner.idToken(person).mint()).expect(200);
    }

    private static Sender.Sent signal(String alias, Person person) {
        return Sender.Sent.now(realm, alias, partner, person);
    }

    private static boolean isAlive(Answer tokens) {
        return realm.userInfo(tokens.accessToken()).status() == 200;
    }

    private static String username(Answer tokens) {
        return tokens.accessTokenClaims().path("preferred_username").asText();
    }

    // where they are taken

    @ParameterizedTest
    @ValueSource(strings = {"silent", "nobody", "%00"})
    void backendThatTakesNoneIsNotThere(String alias) {
        realm.call("/auth/signals/" + alias)
                .body("application/secevent+jwt", "a.b.c")
                .post()
                .expect(404);
    }

    @Test
    void switchedOffIdentityProviderIsNotThere() {
        add("off", partner, Map.of());
        realm.updateIdentityProvider("off", Map.of("enabled", "false"));

        realm.call("/auth/signals/off").body("text/plain", "x").post().expect(404);
    }

    // what they mean

    @ParameterizedTest
    @CsvSource({
        "https://schemas.openid.net/secevent/caep/event-type/session-revoked, true",
        "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked, true",
        "https://schemas.openid.net/secevent/risc/event-type/account-disabled, true",
        "https://schemas.openid.net/secevent/risc/event-type/account-purged, true",
        "https://schemas.openid.net/secevent/risc/event-type/credential-compromise, true",
        "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked, true",
        "https://schemas.openid.net/secevent/oauth/event-type/token-revoked, true",
        "https://schemas.openid.net/secevent/risc/event-type/account-enabled, false",
        "https://schemas.openid.net/secevent/risc/event-type/account-credential-change-required, false",
        "https://schemas.openid.net/secevent/risc/event-type/identifier-changed, false",
        "https://schemas.openid.net/secevent/caep/event-type/credential-change, false",
        "https://schemas.openid.net/secevent/caep/event-type/token-claims-change, false",
        "https://schemas.openid.net/secevent/caep/event-type/assurance-level-change, false",
        "https://schemas.openid.net/secevent/caep/event-type/device-compliance-change, false",
        "https://schemas.openid.net/secevent/ssf/event-type/verification, false",
        "https://schemas.openid.net/secevent/ssf/event-type/stream-updated, false",
        "https://schemas.example/event-type/never-heard-of, false"
    })
    void securityEventEndsSessionsOrIsNoted(String type, boolean ends) {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);

        assertThat(signal(PARTNER, person).event(type).expect(202).text()).isEmpty();

        assertThat(isAlive(tokens)).isEqualTo(!ends);
    }

    @ParameterizedTest
    @CsvSource({
        "consent-revoked, true",
        "account-delete, true",
        "account-deleted, true",
        "email-disabled, false",
        "email-enabled, false",
        "never-heard-of, false"
    })
    void notificationOfApple(String type, boolean ends) {
        Apple apple = hosts.get(Apple.class);
        Person person = apple.newcomer();
        Answer tokens = signedIn("apple", apple.idToken(person).mint()).expect(200);

        Sender.Sent.now(realm, "apple", apple, person).notification(type).expect(200);

        assertThat(isAlive(tokens)).isEqualTo(!ends);
    }

    static Stream<Map<String, ?>> subjects() {
        return Stream.of(
                Map.of("format", ISS_SUB, "iss", "ISSUER", "sub", "SUBJECT"),
                Map.of("format", "opaque", "id", "SUBJECT"),
                Map.of("format", "email", "email", "EMAIL"),
                Map.of("subject_type", "iss-sub", "iss", "ISSUER", "sub", "SUBJECT"),
                Map.of("subject_type", "id_token_claims", "iss", "ISSUER", "sub", "SUBJECT", "email", "EMAIL"),
                Map.of(
                        "format",
                        "complex",
                        "user",
                        Map.of("format", ISS_SUB, "iss", "ISSUER", "sub", "SUBJECT"),
                        "tenant",
                        Map.of("format", "opaque", "id", "1")),
                Map.of("user", Map.of("iss", "ISSUER", "sub", "SUBJECT")),
                Map.of("format", "aliases", "identifiers", List.of(Map.of("format", "opaque", "id", "SUBJECT"))));
    }

    private static Map<String, ?> about(Map<String, ?> subject, Person person) {
        String text = Json.write(subject)
                .replace("ISSUER", partner.issuer())
                .replace("SUBJECT", partner.storedId(person))
                .replace("EMAIL", person.email());
        return Json.map(text);
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void everySpellingOfASubjectIsUnderstood(Map<String, ?> subject) {
        Person person = partner.newcomer();
        Answer atTheTop = convert(PARTNER, person);
        signal(PARTNER, person)
                .event(Sender.CAEP + "session-revoked", Map.of(), about(subject, person))
                .expect(202);
        assertThat(isAlive(atTheTop)).isFalse();

        SignalTableIT.awaitNextSecond();
        Answer inTheEvent = convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person);
        signal.postEvent(signal.jwt()
                        .type("secevent+jwt")
                        .noExpiry()
                        .claim(
                                "events",
                                Map.of(
                                        Sender.CAEP + "session-revoked",
                                        Map.of(
                                                "subject",
                                                about(subject, person),
                                                "event_timestamp",
                                                Instant.now().toEpochMilli())))
                        .mint())
                .expect(202);
        assertThat(isAlive(inTheEvent)).isFalse();
    }

    /** Google names a token that it has given to us, which Keycloak has stored. */
    @ParameterizedTest
    @ValueSource(strings = {"prefix", "hash_base64_sha512_sha512"})
    void storedTokenFindsThePerson(String algorithm) {
        Google google = hosts.get(Google.class);
        Person person = google.newcomer();
        Person another = google.newcomer();
        Answer tokens = BrowserLogin.through(realm, "google", google, person);
        Answer ofAnother = BrowserLogin.through(realm, "google", google, another);
        String token = google.refreshToken(person);

        Sender.Sent.now(realm, "google", google, person)
                .event(
                        "https://schemas.openid.net/secevent/oauth/event-type/token-revoked",
                        Map.of(),
                        Map.of(
                                "subject_type",
                                "oauth_token",
                                "token_type",
                                "refresh_token",
                                "token_identifier_alg",
                                algorithm,
                                "token",
                                algorithm.equals("prefix") ? token.substring(0, 16) : twiceHashed(token)))
                .expect(202);

        assertThat(isAlive(tokens)).isFalse();
        assertThat(isAlive(ofAnother)).isTrue();
    }

    private static String twiceHashed(String token) {
        try {
            MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
            return Base64.getEncoder()
                    .encodeToString(sha512.digest(sha512.digest(token.getBytes(StandardCharsets.UTF_8))));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void wordsOfADirectoryAboutAStrangerEndNothing() {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person);

        signal.about("nobody").event(Sender.CAEP + "session-revoked").expect(202);
        signal.event(
                        Sender.CAEP + "session-revoked",
                        Map.of(),
                        Map.of("format", "email", "email", "nobody@provider.example"))
                .expect(202);
        Sender.GLOBAL_TOKEN_REVOCATION.send(signal.about("nobody")).expect(404);

        assertThat(isAlive(tokens)).isTrue();
        assertThat(realm.events()).noneMatch(event -> event.type().equals("REVOKE_GRANT"));
    }

    /** The id of another issuer may be somebody else's. */
    @Test
    void idOfAnotherIssuerNamesNobody() {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);

        signal(PARTNER, person)
                .event(
                        Sender.CAEP + "session-revoked",
                        Map.of(),
                        Map.of("format", ISS_SUB, "iss", "https://else.example", "sub", partner.storedId(person)))
                .expect(400);

        assertThat(isAlive(tokens)).isTrue();
    }

    /** Two tenants have a person with the same address, and one of them is dismissed. */
    @Test
    void tenantEndsItsOwnPeopleOnly() {
        realm.admin().updateRealm(realm.name(), Map.of("loginWithEmailAllowed", false, "duplicateEmailsAllowed", true));
        try (FakeProvider tenant = FakeProvider.start()) {
            realm.addOidcProvider("tenant", tenant)
                    .addConvertTokenMapper("tenant", Map.of("allowedClients", "*", "signals", "true"));
            Person here = partner.newcomer();
            Person there = Person.unknown().withEmail(here.email()).withSubject(here.subject());
            Answer ofHere = convert(PARTNER, here);
            Answer ofThere = signedIn("tenant", tenant.idToken(there).mint()).expect(200);
            assertThat(ofHere.accessTokenClaims().path("sub"))
                    .isNotEqualTo(ofThere.accessTokenClaims().path("sub"));

            signal(PARTNER, here)
                    .event(
                            Sender.CAEP + "session-revoked",
                            Map.of(),
                            Map.of("format", "email", "email", here.email().toUpperCase(Locale.ROOT)))
                    .expect(202);

            assertThat(isAlive(ofHere)).isFalse();
            assertThat(isAlive(ofThere)).isTrue();
        } finally {
            realm.admin()
                    .updateRealm(realm.name(), Map.of("loginWithEmailAllowed", true, "duplicateEmailsAllowed", false));
        }
    }

    // when it happened

    @Test
    void signalOfAnHourAgoEndsNothingThatIsNew() {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);

        signal(PARTNER, person)
                .at(Instant.now().minus(Duration.ofHours(1)))
                .event(Sender.CAEP + "session-revoked")
                .expect(202);

        assertThat(isAlive(tokens)).isTrue();
    }

    /** What it says of the future does not reach further than its signature. */
    @Test
    void signalOfTheFutureEndsNothingThatBeginsLater() {
        Person person = partner.newcomer();
        Answer before = convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person).at(Instant.now().plus(Duration.ofDays(1)));
        SignalTableIT.awaitNextSecond();
        SignalTableIT.awaitNextSecond();
        String token = signal.securityEvent(
                        Sender.CAEP + "session-revoked",
                        Map.of("event_timestamp", signal.happened().getEpochSecond()),
                        Map.of("format", "opaque", "id", signal.subject()))
                .issuedAt(Instant.now().minusSeconds(1))
                .mint();
        Answer later = convert(PARTNER, person);

        signal.postEvent(token).expect(202);

        assertThat(isAlive(before)).isFalse();
        assertThat(isAlive(later)).isTrue();
    }

    /** It could be sent again at any time, and would end what began since. */
    @Test
    void signalThatDoesNotSayWhenItWasSignedIsRefused() {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person);
        Map<String, ?> subject = Map.of("format", "opaque", "id", signal.subject());
        Facebook facebook = hosts.get(Facebook.class);
        Person atFacebook = facebook.newcomer();
        Answer ofFacebook =
                signedIn("facebook", facebook.idToken(atFacebook).mint()).expect(200);
        String payload =
                Jwts.encode(Json.write(Map.of("algorithm", "HMAC-SHA256", "user_id", facebook.storedId(atFacebook))));
        String signature =
                Base64.getUrlEncoder().withoutPadding().encodeToString(Sender.hmac(payload, facebook.clientSecret()));

        for (Map<String, ?> event : List.of(
                Map.<String, Object>of(),
                Map.of("event_timestamp", Instant.now().plusSeconds(3600).getEpochSecond()))) {
            signal.postEvent(signal.securityEvent(Sender.CAEP + "session-revoked", event, subject)
                            .noIssuedAt()
                            .mint())
                    .expect(400);
        }
        realm.call(signal.path())
                .bearer(signal.jwt().audience(signal.uri()).noIssuedAt().mint())
                .json(Map.of("sub_id", subject))
                .post()
                .expect(400);
        realm.call("/auth/signals/facebook")
                .param("signed_request", signature + "." + payload)
                .post()
                .expect(400);

        assertThat(isAlive(tokens)).isTrue();
        assertThat(isAlive(ofFacebook)).isTrue();
    }

    @Test
    void signalThatIsSignedInTheFutureIsRefused() {
        Sender.Sent signal = signal(PARTNER, partner.newcomer());

        signal.postEvent(signal.securityEvent(
                                Sender.CAEP + "session-revoked",
                                Map.of(),
                                Map.of("format", "opaque", "id", signal.subject()))
                        .issuedAt(Instant.now().plusSeconds(90))
                        .mint())
                .expect(400);
    }

    @Test
    void clientIsToldThatTheSessionsHaveEnded() {
        try (FakeProvider application = FakeProvider.start()) {
            TestClient told = realm.addConfidentialClient(
                    "told",
                    Map.of(
                            "attributes",
                            Map.of(
                                    "backchannel.logout.url",
                                    application.logout().uri().toString(),
                                    "backchannel.logout.session.required",
                                    "true")));
            Person person = partner.newcomer();
            Answer tokens = realm.convertTokenEndpoint()
                    .as(told)
                    .param("backend", PARTNER)
                    .param("token", partner.idToken(person).mint())
                    .param("scope", "openid")
                    .post()
                    .expect(200);

            signal(PARTNER, person).event(Sender.CAEP + "session-revoked").expect(202);

            assertThat(isAlive(tokens)).isFalse();
            Await.until(
                    "a logout token",
                    Duration.ofSeconds(10),
                    () -> !application.logout().requests().isEmpty());
        }
    }

    // one session at the provider

    @Test
    void logoutOfOneSessionAtTheProviderLeavesTheOthers() {
        Person person = partner.newcomer();
        String first = UUID.randomUUID().toString();
        Answer ofFirst = signedIn(
                        PARTNER, partner.idToken(person).claim("sid", first).mint())
                .expect(200);
        Answer ofSecond = signedIn(
                        PARTNER,
                        partner.idToken(person)
                                .claim("sid", UUID.randomUUID().toString())
                                .mint())
                .expect(200);
        Sender.Sent signal = signal(PARTNER, person);

        realm.call(signal.path())
                .param(
                        "logout_token",
                        signal.jwt()
                                .type("logout+jwt")
                                .claim("sid", first)
                                .claim("events", Map.of(Sender.LOGOUT, Map.of()))
                                .mint())
                .post()
                .expect(200);

        assertThat(isAlive(ofFirst)).isFalse();
        assertThat(isAlive(ofSecond)).isTrue();
    }

    // what becomes of the account

    @Test
    void disabledUserIsEnabledByTheProvider() {
        add("disabling", partner, Map.of("onAccountDisabled", "disable_user"));
        Person person = partner.newcomer();
        Answer tokens = convert("disabling", person);

        signal("disabling", person).event(Sender.RISC + "account-disabled").expect(202);

        assertThat(isAlive(tokens)).isFalse();
        assertThat(isEnabled(tokens)).isFalse();
        UserEvent event = realm.event("REVOKE_GRANT");
        assertThat(event.detail("account")).isEqualTo("disabled");
        Sender.Sent enabled = signal("disabling", person);
        enabled.event(Sender.RISC + "account-enabled").expect(202);
        assertThat(isEnabled(tokens)).isTrue();
    }

    @Test
    void userWhomSomebodyElseHasChangedStaysDisabled() {
        add("touched", partner, Map.of("onAccountDisabled", "disable_user"));
        Person person = partner.newcomer();
        Answer tokens = convert("touched", person);
        signal("touched", person).event(Sender.RISC + "account-disabled").expect(202);

        realm.admin().updateUser(realm.name(), username(tokens), Map.of("enabled", false, "lastName", "Changed"));
        signal("touched", person).event(Sender.RISC + "account-enabled").expect(202);

        assertThat(isEnabled(tokens)).isFalse();
    }

    /** First hijacked, then one of many. */
    @Test
    void userWhomTwoSignalsHaveDisabledIsEnabledByTheProvider() {
        add("twice", partner, Map.of("onAccountDisabled", "disable_user"));
        Person person = partner.newcomer();
        Answer tokens = convert("twice", person);
        for (int ago : List.of(20, 10)) {
            signal("twice", person)
                    .at(Instant.now().minusSeconds(ago))
                    .event(Sender.RISC + "account-disabled")
                    .expect(202);
        }
        assertThat(isEnabled(tokens)).isFalse();

        signal("twice", person).event(Sender.RISC + "account-enabled").expect(202);

        assertThat(isEnabled(tokens)).isTrue();
    }

    @Test
    void userWhoWasDisabledBeforeStaysDisabled() {
        add("before", partner, Map.of("onAccountDisabled", "disable_user"));
        Person person = partner.newcomer();
        Answer tokens = convert("before", person);
        realm.admin().updateUser(realm.name(), username(tokens), Map.of("enabled", false));

        signal("before", person).event(Sender.RISC + "account-disabled").expect(202);
        signal("before", person).event(Sender.RISC + "account-enabled").expect(202);

        assertThat(isEnabled(tokens)).isFalse();
    }

    /** The provider says again what it said before it enabled the account. */
    @Test
    void outdatedSignalDisablesNobody() {
        add("outdated", partner, Map.of("onAccountDisabled", "disable_user"));
        Person person = partner.newcomer();
        Answer tokens = convert("outdated", person);
        Sender.Sent first = signal("outdated", person).at(Instant.now().minusSeconds(20));
        first.event(Sender.RISC + "account-disabled").expect(202);
        signal("outdated", person)
                .at(Instant.now().minusSeconds(10))
                .event(Sender.RISC + "account-enabled")
                .expect(202);
        assertThat(isEnabled(tokens)).isTrue();

        signal("outdated", person)
                .at(first.happened())
                .event(Sender.RISC + "account-disabled")
                .expect(202);

        assertThat(isEnabled(tokens)).isTrue();
    }

    @Test
    void goneAccountIsDisconnectedWhereAnotherWayRemains() {
        add("disconnecting", partner, Map.of("onAccountDeleted", "disconnect"));
        Person only = partner.newcomer();
        Answer ofOnly = convert("disconnecting", only);
        Person another = partner.newcomer();
        Answer ofAnother = convert("disconnecting", another);
        realm.admin()
                .put(
                        realm.name() + "/users/"
                                + ofAnother.accessTokenClaims().path("sub").asText() + "/reset-password",
                        Map.of("type", "password", "value", "p", "temporary", false));

        signal("disconnecting", only).event(Sender.RISC + "account-purged").expect(202);
        signal("disconnecting", another).event(Sender.RISC + "account-purged").expect(202);

        assertThat(isAlive(ofOnly)).isFalse();
        assertThat(isAlive(ofAnother)).isFalse();
        assertThat(realm.admin().federatedIdentities(realm.name(), username(ofOnly)))
                .hasSize(1);
        assertThat(realm.admin().federatedIdentities(realm.name(), username(ofAnother)))
                .isEmpty();
        assertThat(realm.event("REMOVE_FEDERATED_IDENTITY").detail("identity_provider"))
                .isEqualTo("disconnecting");
        assertThat(realm.admin().findUser(realm.name(), username(ofOnly))).isPresent();
    }

    private static boolean isEnabled(Answer tokens) {
        return realm.admin()
                .user(realm.name(), username(tokens))
                .path("enabled")
                .asBoolean();
    }

    // Facebook's page

    @Test
    void deletionAnswersWithAPageThatSaysWhatWasDone() {
        Facebook facebook = hosts.get(Facebook.class);
        Person person = facebook.newcomer();
        Answer tokens = signedIn("facebook", facebook.idToken(person).mint()).expect(200);

        Answer answer = Sender.Sent.now(realm, "facebook", facebook, person)
                .signedRequest("?deletion=true")
                .expect(200);

        assertThat(isAlive(tokens)).isFalse();
        String code = answer.json().path("confirmation_code").asText();
        String url = answer.json().path("url").asText();
        assertThat(url)
                .isEqualTo(realm.uri("/auth/signals/facebook/deletions/" + code).toString());
        Answer page =
                realm.call("/auth/signals/facebook/deletions/" + code).get().expect(200);
        assertThat(page.text())
                .contains("Deletion of your data", "1")
                .doesNotContain(person.subject(), person.email(), person.username());
        Answer german = realm.call("/auth/signals/facebook/deletions/" + code)
                .header("Accept-Language", "de")
                .get();
        assertThat(german.status()).isEqualTo(200);
        realm.call("/auth/signals/facebook/deletions/" + "0".repeat(20)).get().expect(404);
        realm.call("/auth/signals/github/deletions/" + code).get().expect(404);
    }

    // what is refused

    static Stream<UnaryOperator<JwtBuilder>> forgeries() {
        return Stream.of(
                JwtBuilder::unsigned,
                jwt -> jwt.signedBy(FakeProvider.foreignKey(partner.key().getKeyID())),
                jwt -> jwt.signedBy(FakeProvider.foreignKey("nobody-knows-it")),
                JwtBuilder::hmacOfPublicKeyPem,
                JwtBuilder::hmacOfClientSecret,
                jwt -> jwt.issuer("https://else.example"),
                jwt -> jwt.without("iss"),
                jwt -> jwt.audience("another-application"),
                jwt -> jwt.without("aud"),
                jwt -> jwt.expiresIn(Duration.ofSeconds(-5)),
                jwt -> jwt.nonce("n"),
                jwt -> jwt.type("at+jwt"),
                jwt -> jwt.header("crit", List.of("exp")),
                jwt -> jwt.claim("iat", "yesterday"));
    }

    @ParameterizedTest
    @MethodSource("forgeries")
    void forgeryEndsNothing(UnaryOperator<JwtBuilder> forged) {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person);
        Map<String, ?> subject = Map.of("format", ISS_SUB, "iss", partner.issuer(), "sub", signal.subject());

        Answer event =
                signal.postEvent(forged.apply(signal.securityEvent(Sender.CAEP + "session-revoked", Map.of(), subject))
                        .mint());
        Answer revocation = realm.call(signal.path())
                .bearer(forged.apply(signal.jwt().audience(signal.uri())).mint())
                .json(Map.of("sub_id", subject))
                .post();
        Answer logout = realm.call(signal.path())
                .param(
                        "logout_token",
                        forged.apply(signal.jwt()
                                        .type("logout+jwt")
                                        .subject(signal.subject())
                                        .claim("events", Map.of(Sender.LOGOUT, Map.of())))
                                .mint())
                .post();

        assertThat(event.expect(400).json().path("err").asText()).isNotEmpty();
        revocation.expect(401);
        logout.expect(400);
        assertThat(isAlive(tokens)).isTrue();
        assertThat(realm.event("REVOKE_GRANT_ERROR").detail("reason")).isNotEmpty();
    }

    @Test
    void idTokenIsNoSignal() {
        Person person = partner.newcomer();
        Answer tokens = convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person);
        String idToken = partner.idToken(person).mint();

        signal.postEvent(idToken).expect(400);
        realm.call(signal.path()).param("logout_token", idToken).post().expect(400);
        realm.call(signal.path()).json(Map.of("payload", idToken)).post().expect(400);
        realm.call(signal.path())
                .bearer(idToken)
                .json(Map.of("sub_id", Map.of("format", "opaque", "id", signal.subject())))
                .post()
                .expect(401);

        assertThat(isAlive(tokens)).isTrue();
    }

    @Test
    void revocationIsGoodForOneCall() {
        Person person = partner.newcomer();
        convert(PARTNER, person);
        Sender.Sent signal = signal(PARTNER, person);

        Sender.GLOBAL_TOKEN_REVOCATION.send(signal).expect(204);
        Sender.GLOBAL_TOKEN_REVOCATION.send(signal).expect(401);
    }

    static Stream<Map<String, ?>> unclearEvents() {
        String type = Sender.CAEP + "session-revoked";
        return Stream.of(
                Map.of(),
                Map.of("events", Map.of()),
                Map.of("events", List.of(type)),
                Map.of("events", Map.of(type, "now")),
                Map.of("events", Map.of(type, Map.of(), Sender.RISC + "account-purged", Map.of())),
                Map.of("events", Map.of(type, Map.of()), "sub_id", "a text"),
                Map.of("events", Map.of(type, Map.of()), "sub_id", Map.of("format", "did", "url", "did:x")),
                Map.of("events", Map.of(type, Map.of()), "sub_id", Map.of("format", "opaque", "id", "a\u0000b")));
    }

    @ParameterizedTest
    @MethodSource("unclearEvents")
    void unclearEventIsRefused(Map<String, Object> claims) {
        Sender.Sent signal = signal(PARTNER, partner.newcomer());

        Answer answer = signal.postEvent(
                signal.jwt().type("secevent+jwt").noExpiry().claims(claims).mint());

        assertThat(answer.expect(400).json().path("err").asText()).isEqualTo("invalid_request");
        assertThat(realm.event("REVOKE_GRANT_ERROR").detail("reason")).isEqualTo("signal_not_understood");
    }

    @ParameterizedTest
    @CsvSource({
        "application/secevent+jwt, ''",
        "application/secevent+jwt, no-jwt",
        "application/json, {",
        "application/json, '[]'",
        "application/json, '{}'",
        "application/json, '{\"payload\":1}'",
        "application/json, '{\"payload\":\"a\",\"payload\":\"b\"}'",
        "application/x-www-form-urlencoded, a=b",
        "application/x-www-form-urlencoded, logout_token=",
        "application/x-www-form-urlencoded, signed_request=a.b",
        "text/html, <html>",
        "multipart/form-data; boundary=x, --x--"
    })
    void nonsenseIsRefused(String type, String body) {
        Answer answer = realm.call("/auth/signals/" + PARTNER).body(type, body).post();

        assertThat(answer.status()).isIn(400, 401, 415);
    }

    @Test
    void hugeBodyIsRefused() {
        realm.call("/auth/signals/" + PARTNER)
                .body("application/secevent+jwt", "a".repeat(1024 * 1024))
                .post()
                .expect(413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256=00", "sha256=zz", "sha1=00", ""})
    void webhookWithAnotherSignatureIsRefused(String signature) {
        realm.call("/auth/signals/github")
                .header("X-GitHub-Event", "github_app_authorization")
                .header("X-Hub-Signature-256", signature)
                .json(Map.of("action", "revoked", "sender", Map.of("id", 1)))
                .post()
                .expect(400);
    }

    /** Facebook's scripts give one to the web page of whoever signs in, signed with the same secret. */
    @ParameterizedTest
    @ValueSource(strings = {"code", "oauth_token", "page"})
    void signedRequestOfASignInIsNoSignal(String member) {
        Facebook facebook = hosts.get(Facebook.class);
        Person person = facebook.newcomer();
        Answer tokens = signedIn("facebook", facebook.idToken(person).mint()).expect(200);

        Sender.Sent.now(realm, "facebook", facebook, person)
                .signedRequest("?deletion=true", Map.of(member, "x"))
                .expect(400);

        assertThat(isAlive(tokens)).isTrue();
    }

    @Test
    void signedRequestOfAnotherAppIsRefused() {
        realm.call("/auth/signals/facebook")
                .param("signed_request", "AAAA.e30")
                .post()
                .expect(400);
    }
}
