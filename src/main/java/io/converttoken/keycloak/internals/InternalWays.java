// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import static io.converttoken.keycloak.internals.InternalWay.constant;
import static io.converttoken.keycloak.internals.InternalWay.constructor;
import static io.converttoken.keycloak.internals.InternalWay.field;
import static io.converttoken.keycloak.internals.InternalWay.method;
import static io.converttoken.keycloak.internals.InternalWay.providerId;
import static io.converttoken.keycloak.internals.InternalWay.type;

import jakarta.persistence.metamodel.EntityType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.keycloak.broker.provider.IdpLinkAction;
import org.keycloak.common.Profile;
import org.keycloak.models.Constants;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.LDAPConstants;
import org.keycloak.models.UserSessionProvider;
import org.keycloak.provider.ServerInfoAwareProviderFactory;

/**
 * Everything in Keycloak's internals that the compiler does not check. The tests check the rest for each Keycloak that
 * they run on. On another Keycloak, the rest fails at its first use.
 */
final class InternalWays {

    private static final String HOLLOW =
            "an invalidated refresh token might go on working: every call that should invalidate one is refused";
    private static final String NO_ENTRY = "conversions are refused with server_error";
    private static final String NO_END = "calls that end sessions and refresh tokens are refused with server_error";
    private static final String ONE_BY_ONE =
            "sessions are ended one by one, which takes minutes where a person has thousands";
    private static final String NO_CACHE =
            "backends are looked up in the database at every conversion, and a person whom a"
                    + " refused conversion imported from a directory may be unable to sign in until the user cache is cleared";
    private static final String MULTIPART =
            "Keycloak reads the multipart body of every caller first, up to 10 MB and with its files";

    private static final String CACHE = "org.keycloak.models.cache.";
    private static final String INFINISPAN = "org.keycloak.connections.infinispan.InfinispanConnectionProvider";
    private static final String SESSIONS = "org.keycloak.models.sessions.infinispan.";
    private static final String REST = "org.jboss.resteasy.reactive.server.core.";
    private static final String OIDC = "org.keycloak.protocol.oidc.";
    private static final String REFRESH = OIDC + "refresh.DefaultRefreshTokenProvider";
    private static final String POLICIES = "org.keycloak.services.clientpolicy.";

    /**
     * Everything that makes Keycloak ask this extension about refresh tokens. If a part were missing, an invalidation
     * would be answered with success and do nothing.
     */
    static final List<InternalWay> OF_REFRESH_TOKENS = List.of(
            method("org.keycloak.provider.ProviderFactory", "int order", List.of(), HOLLOW),
            method(REFRESH, "boolean supports", List.of("InitialRefreshTokenContext"), HOLLOW),
            method(REFRESH, "boolean supports", List.of("RefreshTokenContext"), HOLLOW),
            method(REFRESH, "RefreshToken generateRefreshToken", List.of("InitialRefreshTokenContext"), HOLLOW),
            method(
                    REFRESH,
                    "TokenValidation validateToken",
                    List.of(
                            "KeycloakSession",
                            "UriInfo",
                            "ClientConnection",
                            "RealmModel",
                            "RefreshToken",
                            "HttpHeaders",
                            "String",
                            "ClientModel",
                            "TokenManager",
                            "EventBuilder"),
                    HOLLOW),
            method(OIDC + "AccessTokenIntrospectionProvider", "boolean verifyTokenReuse", List.of(), HOLLOW),
            method(OIDC + "RefreshTokenIntrospectionProvider", "boolean verifyTokenReuse", List.of(), HOLLOW),
            providerId(OIDC + "AccessTokenIntrospectionProviderFactory", "access_token", HOLLOW),
            providerId(OIDC + "RefreshTokenIntrospectionProviderFactory", "refresh_token", HOLLOW),
            providerId(
                    "org.keycloak.authorization.protection.introspect.RPTIntrospectionProviderFactory",
                    "requesting_party_token",
                    HOLLOW),
            providerId(POLICIES + "DefaultClientPolicyManagerFactory", "default", HOLLOW),
            method(
                    POLICIES + "DefaultClientPolicyManager",
                    "void triggerOnEvent",
                    List.of("ClientPolicyContext"),
                    HOLLOW));

    private static final List<InternalWay> OF_SESSIONS = List.of(
            method(
                    REFRESH,
                    "void afterRefreshTokenGenerated",
                    List.of("RefreshTokenContext", "AccessTokenResponseBuilder"),
                    "a refreshed token may tell a later sign-in than its own"),
            entity(
                    "PersistentUserSessionEntity",
                    List.of("userSessionId", "offline", "userId", "realmId", "lastSessionRefresh"),
                    NO_END),
            entity(
                    "PersistentUserSessionEntity",
                    List.of("createdOn", "brokerSessionId", "data"),
                    "signals of providers are refused with server_error"),
            entity(
                    "PersistentClientSessionEntity",
                    List.of("userSessionId", "offline", "clientId", "clientStorageProvider", "externalClientId"),
                    NO_END),
            entity(
                    "ServerConfigEntity",
                    List.of("key", "value", "version"),
                    "refreshing and introspecting a refresh token, and invalidating one, is refused with server_error"),
            entity(
                    "AdminEventEntity",
                    List.of("id", "representation"),
                    "saving a mapper with a private key of Apple is refused with server_error"),
            entity(
                    "FederatedUserAttributeEntity",
                    List.of("id", "realmId", "userId", "name", "value"),
                    "the server does not start, because what a version before 1.0.0 stored cannot be moved"),
            type(UserStorages.TYPE, "an explanation of a newcomer may leave an entry in a directory for a moment"),
            type(SESSIONS + "PersistentUserSessionProvider", ONE_BY_ONE),
            new InternalWay(
                    SESSIONS + "PersistentUserSessionProvider as the provider of sessions",
                    ONE_BY_ONE,
                    session -> !Profile.isFeatureEnabled(Profile.Feature.PERSISTENT_USER_SESSIONS)
                            || session.sessions()
                                    .getClass()
                                    .getName()
                                    .equals(SESSIONS + "PersistentUserSessionProvider")),
            new InternalWay(
                    "useCaches in what the provider of sessions tells the server info",
                    "where sessions are not cached a refresh takes one statement more",
                    session -> session.getKeycloakSessionFactory().getProviderFactory(UserSessionProvider.class)
                                    instanceof ServerInfoAwareProviderFactory factory
                            && factory.getOperationalInfo().containsKey("useCaches")),
            method(INFINISPAN, "Cache getCache", List.of("String"), ONE_BY_ONE),
            constant(INFINISPAN, "USER_SESSION_CACHE_NAME", "sessions", ONE_BY_ONE),
            constant(INFINISPAN, "CLIENT_SESSION_CACHE_NAME", "clientSessions", ONE_BY_ONE),
            constant(INFINISPAN, "OFFLINE_USER_SESSION_CACHE_NAME", "offlineSessions", ONE_BY_ONE),
            constant(INFINISPAN, "OFFLINE_CLIENT_SESSION_CACHE_NAME", "offlineClientSessions", ONE_BY_ONE),
            constructor(SESSIONS + "entities.EmbeddedClientSessionKey", List.of("String", "String"), ONE_BY_ONE),
            constant(
                    "org.keycloak.models.Constants",
                    "TOKEN_EXCHANGE_SUBJECT_CLIENT",
                    Constants.TOKEN_EXCHANGE_SUBJECT_CLIENT,
                    "sessions by token exchange do not end with those of the client whose token was exchanged"));

    private static final List<InternalWay> OF_CONVERSIONS = List.of(
            method(
                    "org.keycloak.connections.jpa.JpaConnectionProvider",
                    "EntityManager getEntityManager",
                    List.of(),
                    NO_ENTRY + ", and so is everything that invalidates"),
            entity(
                    "IdentityProviderMapperEntity",
                    List.of("id", "name", "realmId", "identityProviderAlias", "identityProviderMapper", "config"),
                    NO_ENTRY),
            entity("FederatedIdentityEntity", List.of("user", "userId", "realmId", "identityProvider"), NO_ENTRY),
            entity(
                    "FederatedIdentityEntity",
                    List.of("userName", "token"),
                    "signals of providers that name an address or a token are refused with server_error"),
            entity("UserEntity", List.of("id"), NO_ENTRY),
            method("org.keycloak.models.KeycloakSession", "Provider getProvider", List.of("Class"), NO_ENTRY),
            method("org.keycloak.models.KeycloakSession", "UserProvider users", List.of(), NO_ENTRY),
            method(
                    "org.keycloak.models.UserProvider",
                    "UserModel addUser",
                    List.of("RealmModel", "String"),
                    "the entry of a person who is refused stays in the directory that took it"),
            constant(
                    "org.keycloak.models.LDAPConstants",
                    "LDAP_ID",
                    LDAPConstants.LDAP_ID,
                    "the entry of a person who is refused stays in the directory that took it"),
            constant(
                    "org.keycloak.broker.provider.IdpLinkAction",
                    "PROVIDER_ID",
                    IdpLinkAction.PROVIDER_ID,
                    "the realm's setting of how recent a sign-in has to be is not found, and its default holds"),
            method(
                    "org.keycloak.events.EventListenerProviderFactory",
                    "boolean isGlobal",
                    List.of(),
                    "mappers that make no sense are saved, and a change counts within seconds instead of at once"));

    private static final List<InternalWay> OF_CACHES = List.of(
            method(CACHE + "UserCache", "void evict", List.of("RealmModel", "UserModel"), NO_CACHE),
            method(CACHE + "UserCache", "void evict", List.of("RealmModel"), NO_CACHE),
            method(CACHE + "CachedUserModel", "boolean isMarkedForEviction", List.of(), NO_CACHE),
            method(CACHE + "CachedUserModel", "ConcurrentMap getCachedWith", List.of(), NO_CACHE),
            method(CACHE + "CachedRealmModel", "void invalidate", List.of(), NO_CACHE),
            method(CACHE + "CachedRealmModel", "ConcurrentHashMap getCachedWith", List.of(), NO_CACHE),
            field(
                    CACHE + "infinispan.UserCacheSession",
                    "managedUsers",
                    Map.class,
                    "all users of the realm are dropped from the cache where a conversion is refused"));

    private static final List<InternalWay> OF_REQUESTS = List.of(
            type("org.keycloak.quarkus.runtime.integration.resteasy.KeycloakHandlerChainCustomizer", MULTIPART),
            method(REST + "CurrentRequestManager", "ResteasyReactiveRequestContext get", List.of(), MULTIPART),
            method(
                    REST + "ResteasyReactiveRequestContext",
                    "ResteasyReactiveRequestContext setFormData",
                    List.of("FormData"),
                    MULTIPART),
            constructor(REST + "multipart.FormData", List.of("int"), MULTIPART));

    private InternalWays() {}

    static List<InternalWay> all() {
        return Stream.of(OF_REFRESH_TOKENS, OF_SESSIONS, OF_CONVERSIONS, OF_CACHES, OF_REQUESTS)
                .flatMap(List::stream)
                .toList();
    }

    /** A table, with the names that the queries use for it and for its columns. */
    private static InternalWay entity(String name, List<String> attributes, String consequence) {
        return new InternalWay(
                "entity " + name + " with " + String.join(", ", attributes),
                consequence,
                session -> hasAttributes(session, name, attributes));
    }

    private static boolean hasAttributes(KeycloakSession session, String name, List<String> attributes) {
        return Database.of(session).getMetamodel().getEntities().stream()
                .filter(entity -> entity.getName().equals(name))
                .anyMatch(entity -> attributes.stream().allMatch(attribute -> hasAttribute(entity, attribute)));
    }

    private static boolean hasAttribute(EntityType<?> entity, String attribute) {
        return entity.getAttribute(attribute) != null;
    }
}
