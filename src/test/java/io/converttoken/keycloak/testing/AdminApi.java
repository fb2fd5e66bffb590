// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Keycloak's admin REST API, as far as the tests need it. An unexpected status fails with the answer. */
public final class AdminApi {

    /** The master realm's access tokens live for a minute. */
    private static final Duration SPARE = Duration.ofSeconds(20);

    private final URI base;
    private final String username;
    private final String password;
    private Optional<AdminToken> token = Optional.empty();

    AdminApi(URI base, String username, String password) {
        this.base = base;
        this.username = username;
        this.password = password;
    }

    private record AdminToken(String value, Instant usableUntil) {}

    // the API underneath; paths are relative to /admin/realms/

    public JsonNode get(String path) {
        return call(path).get().expect(200).json();
    }

    /** Creates, and answers the id in the Location header, or nothing where there is none. */
    public Optional<String> post(String path, Object body) {
        Answer answer = call(path).json(body).post();
        requireSuccess("POST " + path, answer);
        return answer.header("Location").map(location -> location.substring(location.lastIndexOf('/') + 1));
    }

    public void put(String path, Object body) {
        requireSuccess("PUT " + path, call(path).json(body).put());
    }

    public void delete(String path) {
        requireSuccess("DELETE " + path, call(path).delete());
    }

    public void delete(String path, Object body) {
        requireSuccess("DELETE " + path, call(path).json(body).delete());
    }

    /** Any call, for tests that look at the answer themselves. */
    public Call call(String path) {
        return Call.to(URI.create(base + "/admin/realms/" + path)).bearer(accessToken());
    }

    /** What the server tells about itself, its providers among it. */
    public JsonNode serverInfo() {
        return Call.to(URI.create(base + "/admin/serverinfo"))
                .bearer(accessToken())
                .get()
                .expect(200)
                .json();
    }

    // realms

    public void createRealm(Map<String, ?> representation) {
        post("", representation);
    }

    public void deleteRealm(String realm) {
        delete(realm);
    }

    public void updateRealm(String realm, Map<String, ?> changes) {
        put(realm, changes);
    }

    /** Sets realm attributes and leaves the others as they are. */
    public void setRealmAttributes(String realm, Map<String, String> attributes) {
        ObjectNode representation = (ObjectNode) get(realm);
        attributes.forEach(representation.withObjectProperty("attributes")::put);
        put(realm, representation);
    }

    // clients and client scopes

    /** Creates a client and answers its internal id. */
    public String createClient(String realm, Map<String, ?> representation) {
        return created(post(realm + "/clients", representation));
    }

    public JsonNode client(String realm, String clientId) {
        return only(get(realm + "/clients?clientId=" + encoded(clientId)), "client " + clientId);
    }

    /** Changes the given members; {@code attributes} are merged one by one. */
    public void updateClient(String realm, String clientId, Map<String, ?> changes) {
        JsonNode client = client(realm, clientId);
        put(realm + "/clients/" + id(client), merged(client, changes));
    }

    public void deleteClient(String realm, String clientId) {
        delete(realm + "/clients/" + id(client(realm, clientId)));
    }

    public String createClientScope(String realm, Map<String, ?> representation) {
        return created(post(realm + "/client-scopes", representation));
    }

    public JsonNode clientScope(String realm, String name) {
        return findClientScope(realm, name).orElseThrow(() -> new AssertionError("No client scope " + name));
    }

    public boolean hasClientScope(String realm, String name) {
        return findClientScope(realm, name).isPresent();
    }

    private Optional<JsonNode> findClientScope(String realm, String name) {
        return stream(get(realm + "/client-scopes"))
                .filter(scope -> scope.path("name").asText().equals(name))
                .findFirst();
    }

    public void addDefaultClientScope(String realm, String clientId, String scope) {
        put(scopeOf(realm, clientId, "default", scope), Map.of());
    }

    public void addOptionalClientScope(String realm, String clientId, String scope) {
        put(scopeOf(realm, clientId, "optional", scope), Map.of());
    }

    public void removeDefaultClientScope(String realm, String clientId, String scope) {
        delete(scopeOf(realm, clientId, "default", scope));
    }

    /** Adds a protocol mapper to a client. */
    public void addProtocolMapper(String realm, String clientId, Map<String, ?> representation) {
        post(realm + "/clients/" + id(client(realm, clientId)) + "/protocol-mappers/models", representation);
    }

    // users

    /** Creates a user and answers the id. */
    public String createUser(String realm, Map<String, ?> representation) {
        return created(post(realm + "/users", representation));
    }

    public List<JsonNode> users(String realm) {
        return stream(get(realm + "/users?briefRepresentation=false&max=1000")).toList();
    }

    public int userCount(String realm) {
        return get(realm + "/users/count").asInt();
    }

    public Optional<JsonNode> findUser(String realm, String username) {
        return stream(get(realm + "/users?exact=true&briefRepresentation=false&username=" + encoded(username)))
                .findFirst();
    }

    public JsonNode user(String realm, String username) {
        return findUser(realm, username).orElseThrow(() -> new AssertionError("No user " + username));
    }

    public void updateUser(String realm, String username, Map<String, ?> changes) {
        JsonNode user = user(realm, username);
        put(realm + "/users/" + id(user), merged(user, changes));
    }

    public void deleteUser(String realm, String username) {
        delete(realm + "/users/" + id(user(realm, username)));
    }

    /** The user's links to identity providers, with {@code identityProvider} and, of the provider, {@code userId}. */
    public List<JsonNode> federatedIdentities(String realm, String username) {
        return stream(get(realm + "/users/" + id(user(realm, username)) + "/federated-identity"))
                .toList();
    }

    public void addFederatedIdentity(String realm, String username, String alias, Person person) {
        post(
                realm + "/users/" + id(user(realm, username)) + "/federated-identity/" + alias,
                Map.of("identityProvider", alias, "userId", person.subject(), "userName", person.username()));
    }

    public void removeFederatedIdentity(String realm, String username, String alias) {
        delete(realm + "/users/" + id(user(realm, username)) + "/federated-identity/" + alias);
    }

    /** Gives the user a role of a client, such as {@code manage-account} of {@code account}. */
    public void addClientRole(String realm, String username, String clientId, String role) {
        post(clientRolesOf(realm, username, clientId), List.of(clientRole(realm, clientId, role)));
    }

    public void removeClientRole(String realm, String username, String clientId, String role) {
        delete(clientRolesOf(realm, username, clientId), List.of(clientRole(realm, clientId, role)));
    }

    /** No attribute of a user is required any more: some providers give no names, and some no address. */
    public void requireNothingOfUsers(String realm) {
        String path = realm + "/users/profile";
        JsonNode profile = get(path);
        profile.path("attributes").forEach(attribute -> ((ObjectNode) attribute).remove("required"));
        put(path, profile);
    }

    // sessions

    public List<JsonNode> sessions(String realm, String username) {
        return stream(get(realm + "/users/" + id(user(realm, username)) + "/sessions"))
                .toList();
    }

    public List<JsonNode> offlineSessions(String realm, String username, String clientId) {
        String path =
                realm + "/users/" + id(user(realm, username)) + "/offline-sessions/" + id(client(realm, clientId));
        return stream(get(path)).toList();
    }

    public void logout(String realm, String username) {
        post(realm + "/users/" + id(user(realm, username)) + "/logout", Map.of());
    }

    // identity providers

    public void createIdentityProvider(String realm, Map<String, ?> representation) {
        post(realm + "/identity-provider/instances", representation);
    }

    public JsonNode identityProvider(String realm, String alias) {
        return get(realm + "/identity-provider/instances/" + alias);
    }

    /** Changes the given members; {@code config} is merged key by key. */
    public void updateIdentityProvider(String realm, String alias, Map<String, ?> changes) {
        put(realm + "/identity-provider/instances/" + alias, merged(identityProvider(realm, alias), changes));
    }

    public void deleteIdentityProvider(String realm, String alias) {
        delete(realm + "/identity-provider/instances/" + alias);
    }

    /** Creates a mapper on an identity provider and answers its id. */
    public String createIdentityProviderMapper(String realm, String alias, Map<String, ?> representation) {
        return created(post(realm + "/identity-provider/instances/" + alias + "/mappers", representation));
    }

    public List<JsonNode> identityProviderMappers(String realm, String alias) {
        return stream(get(realm + "/identity-provider/instances/" + alias + "/mappers"))
                .toList();
    }

    /** Replaces a mapper by a representation with the same {@code id}. */
    public void updateIdentityProviderMapper(String realm, String alias, JsonNode mapper) {
        put(realm + "/identity-provider/instances/" + alias + "/mappers/" + id(mapper), mapper);
    }

    public void deleteIdentityProviderMapper(String realm, String alias, String mapperId) {
        delete(realm + "/identity-provider/instances/" + alias + "/mappers/" + mapperId);
    }

    /** Imports parts of a realm over what is there. */
    public void partialImport(String realm, Map<String, ?> parts) {
        ObjectNode representation = (ObjectNode) Json.tree(parts);
        representation.put("ifResourceExists", "OVERWRITE");
        post(realm + "/partialImport", representation);
    }

    // authentication flows

    /** Creates a flow: each authenticator is followed by {@code REQUIRED} or {@code ALTERNATIVE}. */
    public void createFlow(String realm, String alias, String... executions) {
        post(
                realm + "/authentication/flows",
                Map.of("alias", alias, "providerId", "basic-flow", "topLevel", true, "builtIn", false));
        String path = realm + "/authentication/flows/" + pathSegment(alias) + "/executions";
        for (int i = 0; i < executions.length; i += 2) {
            post(path + "/execution", Map.of("provider", executions[i]));
            put(path, merged(execution(realm, alias, executions[i]), Map.of("requirement", executions[i + 1])));
        }
    }

    public void copyFlow(String realm, String alias, String copy) {
        post(realm + "/authentication/flows/" + pathSegment(alias) + "/copy", Map.of("newName", copy));
    }

    /** Changes the configuration of an execution that has one. */
    public void configureExecution(String realm, String flow, String provider, Map<String, String> config) {
        String path = realm + "/authentication/config/"
                + execution(realm, flow, provider).path("authenticationConfig").asText();
        put(path, merged(get(path), Map.of("config", config)));
    }

    private JsonNode execution(String realm, String flow, String provider) {
        return stream(get(realm + "/authentication/flows/" + pathSegment(flow) + "/executions"))
                .filter(execution -> execution.path("providerId").asText().equals(provider))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + provider + " in flow " + flow));
    }

    private static String pathSegment(String text) {
        return encoded(text).replace("+", "%20");
    }

    // required actions

    /** Sets the configuration of a required action, such as {@code max_auth_age}. */
    public void configureRequiredAction(String realm, String alias, Map<String, String> config) {
        put(requiredAction(realm, alias) + "/config", Map.of("config", config));
    }

    /** Takes the configuration of a required action away, so that Keycloak's defaults hold. */
    public void resetRequiredAction(String realm, String alias) {
        delete(requiredAction(realm, alias) + "/config");
    }

    public void updateRequiredAction(String realm, String alias, Map<String, ?> changes) {
        String path = requiredAction(realm, alias);
        put(path, merged(get(path), changes));
    }

    private static String requiredAction(String realm, String alias) {
        return realm + "/authentication/required-actions/" + alias;
    }

    // events

    /** The user events that are stored, the newest first. */
    public List<UserEvent> events(String realm) {
        return stream(get(realm + "/events?max=1000")).map(UserEvent::of).toList();
    }

    public void clearEvents(String realm) {
        delete(realm + "/events");
    }

    /** The admin events that are stored, the newest first. */
    public List<JsonNode> adminEvents(String realm) {
        return stream(get(realm + "/admin-events?max=1000")).toList();
    }

    public void clearAdminEvents(String realm) {
        delete(realm + "/admin-events");
    }

    static String id(JsonNode representation) {
        return representation.path("id").asText();
    }

    private String clientRolesOf(String realm, String username, String clientId) {
        return realm + "/users/" + id(user(realm, username)) + "/role-mappings/clients/" + id(client(realm, clientId));
    }

    private JsonNode clientRole(String realm, String clientId, String role) {
        return get(realm + "/clients/" + id(client(realm, clientId)) + "/roles/" + encoded(role));
    }

    private String scopeOf(String realm, String clientId, String kind, String scope) {
        return realm + "/clients/" + id(client(realm, clientId)) + "/" + kind + "-client-scopes/"
                + id(clientScope(realm, scope));
    }

    /** The administrator's, good for a call that is made at once. */
    public synchronized String accessToken() {
        AdminToken usable = token.filter(present -> Instant.now().isBefore(present.usableUntil()))
                .orElseGet(this::freshToken);
        token = Optional.of(usable);
        return usable.value();
    }

    private AdminToken freshToken() {
        Instant asked = Instant.now();
        Answer answer = Call.to(URI.create(base + "/realms/master/protocol/openid-connect/token"))
                .param("grant_type", "password")
                .param("client_id", "admin-cli")
                .param("username", username)
                .param("password", password)
                .post()
                .expect(200);
        Duration lifespan = Duration.ofSeconds(answer.json().path("expires_in").asLong());
        return new AdminToken(answer.accessToken(), asked.plus(lifespan).minus(SPARE));
    }

    private static JsonNode merged(JsonNode representation, Map<String, ?> changes) {
        ObjectNode result = representation.deepCopy();
        JsonNode tree = Json.tree(changes);
        tree.properties().forEach(change -> {
            if (change.getValue().isObject()) {
                result.withObjectProperty(change.getKey()).setAll((ObjectNode) change.getValue());
            } else {
                result.set(change.getKey(), change.getValue());
            }
        });
        return result;
    }

    private static void requireSuccess(String what, Answer answer) {
        if (answer.status() / 100 != 2) {
            throw new AssertionError(what + " answered " + answer);
        }
    }

    private static String created(Optional<String> id) {
        return id.orElseThrow(() -> new AssertionError("Created, but no Location came with it"));
    }

    private static JsonNode only(JsonNode list, String what) {
        return stream(list).findFirst().orElseThrow(() -> new AssertionError("No " + what));
    }

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
