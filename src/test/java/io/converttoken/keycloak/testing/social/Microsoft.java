// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Microsoft, after
 * <a href="https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference">ID token claims</a>,
 * <a href="https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference">access token claims</a> and
 * Graph's <a href="https://learn.microsoft.com/graph/api/user-get">get a user</a>. A person whose subject has 16 digits has a
 * personal account, everybody else a work account.
 */
public final class Microsoft extends SocialProvider {

    /** Our tenant; work accounts are of it. */
    public static final String TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

    /** The tenant of all personal accounts. */
    public static final String PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad";

    private static final Duration SHORT = Duration.ofMinutes(5);

    private final ProviderEndpoint me;
    private final Map<String, ProviderEndpoint> jwks = new LinkedHashMap<>();

    Microsoft(SocialHosts hosts) {
        super(hosts, "00001111-aaaa-2222-bbbb-3333cccc4444");
        me = endpoint("https://graph.microsoft.com/v1.0/me/", this::profile);
        for (String tenant : List.of("common", "organizations", "consumers", TENANT)) {
            String base = "https://login.microsoftonline.com/" + tenant;
            jwks.put(tenant, endpoint(base + "/discovery/v2.0/keys", this::publishedKeys));
            redeemsCodesAt(base + "/oauth2/v2.0/token");
        }
    }

    @Override
    public String providerId() {
        return "microsoft";
    }

    /** Of our tenant. */
    @Override
    public String issuer() {
        return issuer(TENANT);
    }

    public static String issuer(String tenant) {
        return "https://login.microsoftonline.com/" + tenant + "/v2.0";
    }

    /** Of a work account. */
    @Override
    public Person newcomer() {
        return Person.unknown().withSubject(UUID.randomUUID().toString());
    }

    /** Of a personal account, with the id that Graph has for it. */
    public Person personalNewcomer() {
        return Person.unknown().withSubject("a" + newNumber(15));
    }

    public ProviderEndpoint me() {
        return me;
    }

    /** Of the tenants in common, where no tenant is configured. */
    @Override
    public Optional<ProviderEndpoint> keys() {
        return Optional.ofNullable(jwks.get("common"));
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(me);
    }

    /** With the claims that are there by default; MSAL asks for {@code openid profile offline_access}. */
    @Override
    public JwtBuilder idToken(Person person) {
        String tenant = isPersonal(person) ? PERSONAL_ACCOUNTS : TENANT;
        return new JwtBuilder(this, person)
                .issuer(issuer(tenant))
                .subject("pairwise-" + person.subject())
                .audience(clientId())
                .notBefore(Instant.now())
                .claim("name", fullName(person))
                .claim("preferred_username", person.email())
                .claim("oid", objectId(person))
                .claim("tid", tenant)
                .claim("uti", newToken(""))
                .claim("ver", "2.0")
                .expiresIn(Duration.ofHours(1));
    }

    /**
     * With what an application registration can ask for beside, after <a
     * href="https://learn.microsoft.com/entra/identity-platform/optional-claims-reference">optional claims</a>.
     */
    public JwtBuilder idTokenWithOptionalClaims(Person person) {
        return idToken(person)
                .claim("given_name", person.givenName())
                .claim("family_name", person.familyName())
                .claim("email", person.email());
    }

    /**
     * As an application of the tenant gets it by <a
     * href="https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow">its own credentials</a> for
     * an API that has our client id: an access token, which a look at it does not tell from an ID token.
     */
    public JwtBuilder tokenOfApplication(Person application, String clientId) {
        return new JwtBuilder(this, application)
                .audience(clientId())
                .notBefore(Instant.now())
                .azp(clientId)
                .claim("azpacr", "1")
                .claim("oid", application.subject())
                .claim("tid", TENANT)
                .claim("uti", newToken(""))
                .claim("ver", "2.0")
                .expiresIn(Duration.ofHours(1));
    }

    /** The object id: for personal accounts the sixteen digits, filled up. */
    public static String objectId(Person person) {
        String id = person.subject();
        return isPersonal(person) ? "00000000-0000-0000-" + id.substring(0, 4) + "-" + id.substring(4) : id;
    }

    /** For Graph: a v1.0 JWT for work accounts, which only Graph can verify, opaque text for personal ones. */
    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return isPersonal(person)
                ? opaque("EwB", person)
                : new AccessTokenBuilder(
                        person, clientId(), token -> remember(graphToken(token).mint(), token));
    }

    /** A work account's token that claims what the test wants; Graph knows it as what {@code token} says. */
    public String graphToken(Person person, UnaryOperator<JwtBuilder> changes) {
        AccessToken token =
                new AccessToken(person, person, clientId(), Instant.now().plus(SHORT), false, false);
        return remember(changes.apply(graphToken(token)).mint(), token);
    }

    private JwtBuilder graphToken(AccessToken token) {
        return new JwtBuilder(this, token.person())
                .header("nonce", newToken(""))
                .issuer("https://sts.windows.net/" + TENANT + "/")
                .audience("https://graph.microsoft.com")
                .notBefore(Instant.now().minusSeconds(10))
                .claim("appid", token.clientId())
                .claim("appidacr", "1")
                .claim("idtyp", token.isOfTheApplication() ? "app" : "user")
                .subject("pairwise-" + token.person().subject())
                .claim("oid", token.person().subject())
                .claim("scp", "User.Read profile openid email")
                .claim("tid", TENANT)
                .claim("uti", newToken(""))
                .claim("ver", "1.0")
                .expiresAt(token.expiresAt());
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(token -> token.isOfTheApplication() ? nobody() : Reply.json(200, profile(token.profile())))
                .orElseGet(() -> Reply.json(
                        401,
                        Map.of(
                                "error",
                                Map.of("code", "InvalidAuthenticationToken", "message", "Access token is dead"))));
    }

    private static Reply nobody() {
        return Reply.json(
                400,
                Map.of(
                        "error",
                        Map.of(
                                "code",
                                "BadRequest",
                                "message",
                                "/me request is only valid with delegated authentication flow.")));
    }

    private static Map<String, Object> profile(Person person) {
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users/$entity");
        profile.put("displayName", fullName(person));
        profile.put("givenName", person.givenName());
        profile.put("id", person.subject());
        profile.put("mail", person.email());
        profile.put("surname", person.familyName());
        profile.put("userPrincipalName", person.email());
        return profile;
    }

    private static boolean isPersonal(Person person) {
        return person.subject().matches("[0-9a-f]{16}");
    }
}
