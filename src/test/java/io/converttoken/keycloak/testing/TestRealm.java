// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.keycloak.events.EventType;

/**
 * A realm of its own for one test class, with clients {@link #APP} and {@link #MOBILE}, user {@link #ALICE} (password
 * {@code alice}) and all events stored.
 */
public final class TestRealm implements AutoCloseable {

    public static final TestClient APP = TestClient.confidential("app", "app-secret");
    public static final TestClient MOBILE = TestClient.publicClient("mobile");

    /** The origin that browsers may call {@link #MOBILE} from. */
    public static final String WEB_ORIGIN = "http://app.example";

    /** A user of the realm, not known to any identity provider. */
    public static final Person ALICE = Person.named("alice").withEmail("alice@realm.example");

    private static final String ADMIN_API_SCOPE = "kc-admin-api";

    private static final String CONVERT_TOKEN_MAPPER = "convert-token";

    /** Settings of an identity provider that are members of its representation, not keys of its config. */
    private static final Set<String> OUTSIDE_CONFIG = Set.of(
            "enabled",
            "trustEmail",
            "storeToken",
            "linkOnly",
            "hideOnLogin",
            "addReadTokenRoleOnCreate",
            "firstBrokerLoginFlowAlias",
            "postBrokerLoginFlowAlias",
            "organizationId");

    private static final Duration EVENT_STORED = Duration.ofSeconds(5);

    private final KeycloakServer keycloak;
    private final AdminApi admin;
    private final String name;

    private TestRealm(KeycloakServer keycloak, String name) {
        this.keycloak = keycloak;
        this.admin = keycloak.admin();
        this.name = name;
    }

    /** A realm beside the one that the extension hands out; the caller closes it. */
    public static TestRealm createIn(KeycloakServer keycloak) {
        return createIn(keycloak, "it-");
    }

    /** The same, with a name that begins so. */
    public static TestRealm createIn(KeycloakServer keycloak, String prefix) {
        String name = prefix + UUID.randomUUID().toString().substring(0, 8);
        keycloak.admin().createRealm(representation(name));
        return new TestRealm(keycloak, name);
    }

    /** A realm that is there already. */
    static TestRealm named(KeycloakServer keycloak, String name) {
        return new TestRealm(keycloak, name);
    }

    /** The same realm, asked through another node of the cluster. */
    public TestRealm through(KeycloakServer node) {
        return new TestRealm(node, name);
    }

    public String name() {
        return name;
    }

    /** The issuer of the realm's tokens. */
    public String issuer() {
        return uri("").toString();
    }

    /** A URI below {@code /realms/{name}}; the path starts with a slash or is empty. */
    public URI uri(String path) {
        return URI.create(keycloak.base() + "/realms/" + name + path);
    }

    public KeycloakServer keycloak() {
        return keycloak;
    }

    public AdminApi admin() {
        return admin;
    }

    // calls

    /** The calls below {@code /auth} that take a body. */
    public static List<String> posts() {
        return List.of(
                "token",
                "convert-token",
                "revoke-token",
                "invalidate-sessions",
                "invalidate-refresh-tokens",
                "connect-backend",
                "disconnect-backend");
    }

    /** A token exchange (RFC 8693) of an external token of this type, {@code id_token} or {@code access_token}. */
    public Call exchange(TestClient client, String issuer, String token, String type) {
        return tokenEndpoint()
                .as(client)
                .param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .param("subject_issuer", issuer)
                .param("subject_token", token)
                .param("subject_token_type", "urn:ietf:params:oauth:token-type:" + type);
    }

    /** A call to a path below {@code /realms/{name}}, such as {@code /auth/convert-token}. */
    public Call call(String path) {
        return Call.to(uri(path));
    }

    public Call tokenEndpoint() {
        return call("/protocol/openid-connect/token");
    }

    public Call convertTokenEndpoint() {
        return call("/auth/convert-token");
    }

    /** Signs a user in by password. */
    public Answer signIn(TestClient client, String username, String password) {
        return tokenEndpoint()
                .as(client)
                .param("grant_type", "password")
                .param("username", username)
                .param("password", password)
                .param("scope", "openid")
                .post();
    }

    /** A person whose password is the user name signs in. */
    public Answer signIn(TestClient client, Person person) {
        return signIn(client, person.username(), person.username()).expect(200);
    }

    /** The same, offline. */
    public Answer signInOffline(TestClient client, Person person) {
        return tokenEndpoint()
                .as(client)
                .param("grant_type", "password")
                .param("username", person.username())
                .param("password", person.username())
                .param("scope", "openid offline_access")
                .post()
                .expect(200);
    }

    /** A user whom nobody else has. */
    public Person newUser() {
        Person person = Person.unknown();
        addUser(person);
        return person;
    }

    /** A conversion by {@link #APP}, to be sent with whatever else the test wants to say. */
    public Call conversion(String backend, String token) {
        return convertTokenEndpoint().as(APP).param("backend", backend).param("token", token);
    }

    /** A conversion of a code by {@link #APP}. */
    public Call codeConversion(String backend, String code) {
        return convertTokenEndpoint().as(APP).param("backend", backend).param("code", code);
    }

    /** The answer to a conversion by {@link #APP}. */
    public Answer convert(String backend, String token) {
        return conversion(backend, token).post();
    }

    public Answer signInAlice(TestClient client) {
        return signIn(client, ALICE.username(), ALICE.username());
    }

    public Answer refresh(TestClient client, String refreshToken) {
        return tokenEndpoint()
                .as(client)
                .param("grant_type", "refresh_token")
                .param("refresh_token", refreshToken)
                .post();
    }

    public Answer introspect(TestClient client, String token) {
        return call("/protocol/openid-connect/token/introspect")
                .as(client)
                .param("token", token)
                .post();
    }

    /** With a hint at the token's type (RFC 7662, section 2.1). */
    public boolean isActive(TestClient client, String token, String hint) {
        return call("/protocol/openid-connect/token/introspect")
                .as(client)
                .param("token", token)
                .param("token_type_hint", hint)
                .post()
                .expect(200)
                .json()
                .path("active")
                .asBoolean();
    }

    public Answer userInfo(String accessToken) {
        return call("/protocol/openid-connect/userinfo").bearer(accessToken).get();
    }

    // identity providers

    /** An OpenID Connect provider; an override with an empty value takes a setting away. */
    public TestRealm addOidcProvider(String alias, FakeProvider provider, Map<String, String> overrides) {
        return addIdentityProvider(alias, "oidc", openIdConnect(provider), overrides);
    }

    public TestRealm addOidcProvider(String alias, FakeProvider provider) {
        return addOidcProvider(alias, provider, Map.of());
    }

    /** The same settings under Keycloak's own provider type. */
    public TestRealm addKeycloakOidcProvider(String alias, FakeProvider provider, Map<String, String> overrides) {
        return addIdentityProvider(alias, "keycloak-oidc", openIdConnect(provider), overrides);
    }

    /** A generic OAuth 2 provider, with user info and introspection. */
    public TestRealm addOAuth2Provider(String alias, FakeProvider provider, Map<String, String> overrides) {
        return addIdentityProvider(alias, "oauth2", oauth2(provider), overrides);
    }

    /** A social provider by its own type; the overrides win over its settings. */
    public TestRealm addSocialProvider(String alias, SocialProvider provider, Map<String, String> overrides) {
        return addIdentityProvider(alias, provider.providerId(), provider.settings(), overrides);
    }

    /** Any identity provider: the overrides win over the settings, and either may name members outside the config. */
    public TestRealm addIdentityProvider(
            String alias, String providerId, Map<String, String> settings, Map<String, String> overrides) {
        Map<String, Object> representation = new LinkedHashMap<>();
        representation.put("alias", alias);
        representation.put("providerId", providerId);
        representation.put("enabled", true);
        representation.put("firstBrokerLoginFlowAlias", "first broker login");
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.putAll(overrides);
        representation.putAll(changes(all));
        admin.createIdentityProvider(name, representation);
        return this;
    }

    /** Changes settings of an identity provider; an empty value takes one away. */
    public TestRealm updateIdentityProvider(String alias, Map<String, String> settings) {
        admin.updateIdentityProvider(name, alias, changes(settings));
        return this;
    }

    /** Makes an identity provider a backend. Values with several entries hold one a line. */
    public TestRealm addConvertTokenMapper(String alias, Map<String, String> config) {
        admin.createIdentityProviderMapper(name, alias, mapper(alias, config));
        return this;
    }

    /** Gives the backend's mapper this configuration instead of the one it has. */
    public TestRealm replaceConvertTokenMapper(String alias, Map<String, String> config) {
        ObjectNode representation = convertTokenMapper(alias).deepCopy();
        representation.set("config", Json.tree(mapperConfig(config)));
        admin.updateIdentityProviderMapper(name, alias, representation);
        return this;
    }

    /** Gives the backend a mapper that may make no sense: an import is not checked as the admin API and console are. */
    public TestRealm importConvertTokenMapper(String alias, String mapperName, Map<String, String> config) {
        Map<String, Object> representation = new LinkedHashMap<>(mapper(alias, config));
        representation.put("name", mapperName);
        admin.partialImport(name, Map.of("identityProviderMappers", List.of(representation)));
        return this;
    }

    public TestRealm importConvertTokenMapper(String alias, Map<String, String> config) {
        return importConvertTokenMapper(alias, CONVERT_TOKEN_MAPPER, config);
    }

    public TestRealm removeConvertTokenMapper(String alias) {
        admin.deleteIdentityProviderMapper(name, alias, AdminApi.id(convertTokenMapper(alias)));
        return this;
    }

    // clients and users

    /** A client with the given members over those of {@link #APP}. */
    public TestClient addConfidentialClient(String clientId, Map<String, ?> changes) {
        TestClient client = TestClient.confidential(clientId, clientId + "-secret");
        Map<String, Object> representation = new LinkedHashMap<>(clientRepresentation(client));
        representation.putAll(changes);
        admin.createClient(name, representation);
        return client;
    }

    /** A client with the given members over those of {@link #MOBILE}. */
    public TestClient addPublicClient(String clientId, Map<String, ?> changes) {
        TestClient client = TestClient.publicClient(clientId);
        Map<String, Object> representation = new LinkedHashMap<>(clientRepresentation(client));
        representation.putAll(changes);
        admin.createClient(name, representation);
        return client;
    }

    public TestRealm updateClient(TestClient client, Map<String, ?> changes) {
        admin.updateClient(name, client.clientId(), changes);
        return this;
    }

    /** Lets a client's tokens call the admin API: from Keycloak 26.8.2 on a client scope is needed for that. */
    public TestRealm allowAdminCalls(TestClient client) {
        if (admin.hasClientScope(name, ADMIN_API_SCOPE)) {
            admin.addDefaultClientScope(name, client.clientId(), ADMIN_API_SCOPE);
        }
        return this;
    }

    /** A user who signs in with the user name as password. */
    public TestRealm addUser(Person person) {
        admin.createUser(name, userRepresentation(person));
        return this;
    }

    /** Lets the realm speak every language that we speak, English by default. */
    public TestRealm speakEveryLanguage() {
        admin.updateRealm(
                name,
                Map.of(
                        "internationalizationEnabled",
                        true,
                        "supportedLocales",
                        List.of("en", "de", "es", "fr", "ja", "pt-BR"),
                        "defaultLocale",
                        "en"));
        return this;
    }

    public int userCount() {
        return admin.userCount(name);
    }

    // events

    /** All user events since the last {@link #clearEvents()}, the newest first. */
    public List<UserEvent> events() {
        return admin.events(name);
    }

    /** The newest event of a type, such as {@code LOGIN_ERROR}. */
    public UserEvent event(String type) {
        return Await.untilPresent(
                "an event " + type + " in realm " + name,
                EVENT_STORED,
                () -> events().stream()
                        .filter(event -> event.type().equals(type))
                        .findFirst());
    }

    public TestRealm clearEvents() {
        admin.clearEvents(name);
        return this;
    }

    /** Removes the realm. */
    @Override
    public void close() {
        admin.deleteRealm(name);
    }

    @Override
    public String toString() {
        return "realm " + name;
    }

    private JsonNode convertTokenMapper(String alias) {
        return admin.identityProviderMappers(name, alias).stream()
                .filter(mapper -> mapper.path("identityProviderMapper").asText().equals(CONVERT_TOKEN_MAPPER))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + CONVERT_TOKEN_MAPPER + " mapper on " + alias));
    }

    private static Map<String, Object> mapper(String alias, Map<String, String> config) {
        return Map.of(
                "name",
                CONVERT_TOKEN_MAPPER,
                "identityProviderAlias",
                alias,
                "identityProviderMapper",
                CONVERT_TOKEN_MAPPER,
                "config",
                mapperConfig(config));
    }

    private static Map<String, String> mapperConfig(Map<String, String> config) {
        Map<String, String> all = new LinkedHashMap<>(Map.of("syncMode", "INHERIT"));
        all.putAll(config);
        return all;
    }

    private static Map<String, Object> changes(Map<String, String> settings) {
        Map<String, Object> changes = new LinkedHashMap<>();
        Map<String, String> config = new LinkedHashMap<>();
        settings.forEach((key, value) -> {
            if (OUTSIDE_CONFIG.contains(key)) {
                changes.put(key, value);
            } else {
                config.put(key, value);
            }
        });
        changes.put("config", config);
        return changes;
    }

    private static Map<String, String> openIdConnect(FakeProvider provider) {
        Map<String, String> settings = new LinkedHashMap<>(oauth2(provider));
        settings.put("issuer", provider.issuer());
        settings.put("jwksUrl", provider.jwks().uri().toString());
        settings.put("useJwksUrl", "true");
        settings.put("validateSignature", "true");
        return settings;
    }

    private static Map<String, String> oauth2(FakeProvider provider) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("clientId", FakeProvider.CLIENT_ID);
        settings.put("clientSecret", FakeProvider.CLIENT_SECRET);
        settings.put("clientAuthMethod", "client_secret_post");
        settings.put("authorizationUrl", provider.uri("/authorize").toString());
        settings.put("tokenUrl", provider.uri("/token").toString());
        settings.put("userInfoUrl", provider.userInfo().uri().toString());
        settings.put("tokenIntrospectionUrl", provider.introspection().uri().toString());
        settings.put("syncMode", "IMPORT");
        return settings;
    }

    private static Map<String, Object> representation(String name) {
        Map<String, Object> realm = new LinkedHashMap<>();
        realm.put("realm", name);
        realm.put("enabled", true);
        realm.put("sslRequired", "none");
        realm.put("eventsEnabled", true);
        realm.put(
                "enabledEventTypes",
                Arrays.stream(EventType.values()).map(Enum::name).toList());
        realm.put("adminEventsEnabled", true);
        realm.put("adminEventsDetailsEnabled", true);
        realm.put("clients", List.of(clientRepresentation(APP), clientRepresentation(MOBILE)));
        realm.put("users", List.of(userRepresentation(ALICE)));
        return realm;
    }

    private static Map<String, Object> clientRepresentation(TestClient client) {
        Map<String, Object> representation = new LinkedHashMap<>();
        representation.put("clientId", client.clientId());
        representation.put("enabled", true);
        representation.put("publicClient", client.secret().isEmpty());
        client.secret().ifPresent(secret -> representation.put("secret", secret));
        representation.put("standardFlowEnabled", true);
        representation.put("directAccessGrantsEnabled", true);
        representation.put("redirectUris", List.of(WEB_ORIGIN + "/*"));
        representation.put("webOrigins", List.of(WEB_ORIGIN));
        return representation;
    }

    private static Map<String, Object> userRepresentation(Person person) {
        return Map.of(
                "username", person.username(),
                "enabled", true,
                "email", person.email(),
                "emailVerified", person.emailVerified() == EmailVerified.YES,
                "firstName", person.givenName(),
                "lastName", person.familyName(),
                "credentials", List.of(Map.of("type", "password", "value", person.username(), "temporary", false)));
    }
}
