// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import com.nimbusds.jose.jwk.RSAKey;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Jwes;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Bitbucket;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.GitHubEnterprise;
import io.converttoken.keycloak.testing.social.GitLab;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.LinkedIn;
import io.converttoken.keycloak.testing.social.Microsoft;
import io.converttoken.keycloak.testing.social.OpenShift;
import io.converttoken.keycloak.testing.social.PayPal;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import io.converttoken.keycloak.testing.social.StackOverflow;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** What an attacker shows to the realm, provider by provider: the same for the conversion and for Keycloak's own exchange. */
final class SocialAttacks {

    private static final String OF_A_MACHINE = "that a machine had made for us";
    private static final String OF_OUR_APPLICATION = "of our application itself";
    private static final String NOBODY_CAN_TELL = "of whatever application";

    private final SocialHosts hosts;
    private final TestRealm realm;

    SocialAttacks(SocialHosts hosts, TestRealm realm) {
        this.hosts = hosts;
        this.realm = realm;
    }

    /** Alias of the backend, and the provider behind it. */
    static Map<String, Class<? extends SocialProvider>> providers() {
        Map<String, Class<? extends SocialProvider>> providers = new LinkedHashMap<>();
        providers.put("google", Google.class);
        providers.put("apple", Apple.class);
        providers.put("facebook", Facebook.class);
        providers.put("github", GitHub.class);
        providers.put("ghe", GitHubEnterprise.class);
        providers.put("microsoft", Microsoft.class);
        providers.put("linkedin", LinkedIn.class);
        providers.put("gitlab", GitLab.class);
        providers.put("bitbucket", Bitbucket.class);
        providers.put("paypal", PayPal.class);
        providers.put("stackoverflow", StackOverflow.class);
        providers.put("openshift", OpenShift.class);
        return providers;
    }

    /** Alias of the backend, and what people call the provider. */
    static Map<String, String> titles() {
        Map<String, String> titles = new LinkedHashMap<>();
        providers().forEach((alias, type) -> titles.put(alias, type.getSimpleName()));
        return titles;
    }

    static final List<String> WITH_ID_TOKENS =
            List.of("google", "apple", "facebook", "microsoft", "linkedin", "gitlab");

    static final List<String> WITH_BOUND_ACCESS_TOKENS =
            List.of("google", "facebook", "github", "ghe", "microsoft", "linkedin", "gitlab");

    static final List<String> UNBOUND = List.of("bitbucket", "paypal", "stackoverflow", "openshift");

    /**
     * One token that must not get in.
     *
     * @param alias of the backend
     * @param kind of token
     * @param what is wrong with it
     * @param reason why the conversion refuses it
     * @param source makes the token, at the time of the attack
     */
    record Attack(
            String alias, TokenKind kind, String what, ReasonCode reason, Function<SocialProvider, String> source) {

        @Override
        public String toString() {
            return alias + ": " + (kind == TokenKind.ID_TOKEN ? "ID token " : "access token ") + what;
        }
    }

    Stream<Attack> all() {
        return Stream.of(
                        WITH_ID_TOKENS.stream().flatMap(this::idTokens),
                        WITH_BOUND_ACCESS_TOKENS.stream().flatMap(this::accessTokens),
                        UNBOUND.stream()
                                .map(alias -> accessToken(
                                        alias,
                                        NOBODY_CAN_TELL,
                                        ReasonCode.TOKEN_UNBOUND,
                                        SocialAttacks::anothersAccessToken)))
                .flatMap(attacks -> attacks);
    }

    /** Genuine ID tokens with our audience that name another client, in a claim that {@code azp} has to share its task with. */
    Stream<Attack> namingAnotherClient() {
        return Stream.of("client_id", "cid")
                .flatMap(claim -> WITH_ID_TOKENS.stream()
                        .map(alias -> idToken(
                                alias,
                                "for us, issued to another application by " + claim,
                                ReasonCode.AUDIENCE_MISMATCH,
                                (provider, token) -> token.claim(claim, provider.anotherClientId())
                                        .mint())));
    }

    /** Encrypted for the realm, which proves nothing: its public key is published. */
    Stream<Attack> encrypted() {
        RSAKey key = Jwes.encryptionKey(realm);
        return WITH_ID_TOKENS.stream()
                .flatMap(alias -> Stream.of(
                        idToken(
                                alias,
                                "of another application, encrypted for us",
                                ReasonCode.AUDIENCE_MISMATCH,
                                (provider, token) -> Jwes.encrypt(
                                        token.audience(provider.anotherClientId())
                                                .azp(provider.anotherClientId())
                                                .mint(),
                                        key)),
                        idToken(
                                alias,
                                "unsigned, encrypted for us",
                                ReasonCode.ALGORITHM_UNSUPPORTED,
                                (provider, token) ->
                                        Jwes.encrypt(token.unsigned().mint(), key))));
    }

    /** Tokens that are genuine, valid and ours by audience or application, but belong to a machine. */
    Stream<Attack> ofMachines() {
        return Stream.of(
                attack(
                        "google",
                        TokenKind.ID_TOKEN,
                        OF_A_MACHINE,
                        ReasonCode.NOT_A_PERSON,
                        provider -> google().idTokenOfServiceAccount(google().serviceAccount())
                                .mint()),
                attack(
                        "google",
                        TokenKind.ID_TOKEN,
                        OF_A_MACHINE + ", without its address",
                        ReasonCode.NOT_A_PERSON,
                        provider -> google().idTokenOfServiceAccount(google().serviceAccount())
                                .without("email")
                                .without("email_verified")
                                .mint()),
                attack(
                        "microsoft",
                        TokenKind.ID_TOKEN,
                        OF_A_MACHINE,
                        ReasonCode.AUDIENCE_MISMATCH,
                        provider -> microsoftToken(provider.anotherClientId())),
                attack(
                        "microsoft",
                        TokenKind.ID_TOKEN,
                        OF_OUR_APPLICATION,
                        ReasonCode.NOT_A_PERSON,
                        provider -> microsoftToken(provider.clientId())),
                attack(
                        "gitlab",
                        TokenKind.ID_TOKEN,
                        OF_A_MACHINE,
                        ReasonCode.NOT_A_PERSON,
                        provider -> hosts.get(GitLab.class)
                                .idTokenOfJob(provider.newcomer())
                                .mint()),
                accessToken("google", OF_A_MACHINE, ReasonCode.NOT_A_PERSON, provider -> {
                    Person robot = google().serviceAccount();
                    return provider.accessToken(robot).issuedTo(robot.subject()).mint();
                }),
                ofOurApplication("facebook", ReasonCode.NOT_A_PERSON),
                ofOurApplication("github", ReasonCode.TOKEN_INACTIVE),
                ofOurApplication("ghe", ReasonCode.TOKEN_INACTIVE),
                ofOurApplication("microsoft", ReasonCode.TOKEN_INACTIVE),
                ofOurApplication("linkedin", ReasonCode.NOT_A_PERSON),
                ofOurApplication("gitlab", ReasonCode.SUBJECT_MISSING));
    }

    private Google google() {
        return hosts.get(Google.class);
    }

    private String microsoftToken(String clientId) {
        Microsoft microsoft = hosts.get(Microsoft.class);
        return microsoft.tokenOfApplication(microsoft.newcomer(), clientId).mint();
    }

    /** Client credentials, an installation token of a GitHub App, Facebook's app token, LinkedIn's "2L". */
    private static Attack ofOurApplication(String alias, ReasonCode reason) {
        return accessToken(
                alias,
                OF_OUR_APPLICATION,
                reason,
                provider -> provider.accessToken(provider.newcomer())
                        .ofTheApplication()
                        .mint());
    }

    String token(Attack attack) {
        return attack.source().apply(provider(attack.alias()));
    }

    SocialProvider provider(String alias) {
        return hosts.get(Objects.requireNonNull(providers().get(alias)));
    }

    private Stream<Attack> idTokens(String alias) {
        return Stream.of(
                idToken(
                        alias,
                        "of another application",
                        ReasonCode.AUDIENCE_MISMATCH,
                        (provider, token) -> token.audience(provider.anotherClientId())
                                .azp(provider.anotherClientId())
                                .mint()),
                idToken(
                        alias,
                        "for us and another application, issued to that",
                        ReasonCode.AUDIENCE_MISMATCH,
                        (provider, token) -> token.audience(provider.clientId(), provider.anotherClientId())
                                .azp(provider.anotherClientId())
                                .mint()),
                idToken(
                        alias,
                        "without audience",
                        ReasonCode.AUDIENCE_MISMATCH,
                        (provider, token) -> token.without("aud").mint()),
                idToken(
                        alias,
                        "of another issuer",
                        ReasonCode.ISSUER_MISMATCH,
                        (provider, token) ->
                                token.issuer("https://issuer.example").mint()),
                idToken(
                        alias,
                        "expired",
                        ReasonCode.TOKEN_EXPIRED,
                        (provider, token) ->
                                token.expiresIn(Duration.ofSeconds(-1)).mint()),
                idToken(
                        alias,
                        "without expiry",
                        ReasonCode.EXPIRY_MISSING,
                        (provider, token) -> token.noExpiry().mint()),
                idToken(
                        alias,
                        "issued in the future",
                        ReasonCode.TOKEN_ISSUED_IN_FUTURE,
                        (provider, token) ->
                                token.issuedAt(Instant.now().plusSeconds(60)).mint()),
                idToken(
                        alias,
                        "without subject",
                        ReasonCode.SUBJECT_MISSING,
                        (provider, token) -> token.noSubject().without("oid").mint()),
                idToken(
                        alias,
                        "unsigned",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        (provider, token) -> token.unsigned().mint()),
                idToken(
                        alias,
                        "signed with the public key as a secret",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        (provider, token) -> token.hmacOfPublicKeyPem().mint()),
                idToken(
                        alias,
                        "signed with our client secret",
                        ReasonCode.ALGORITHM_UNSUPPORTED,
                        (provider, token) -> token.hmacOfClientSecret().mint()),
                idToken(
                        alias,
                        "signed by another key under the known id",
                        ReasonCode.SIGNATURE_INVALID,
                        (provider, token) -> token.signedBy(
                                        FakeProvider.foreignKey(provider.key().getKeyID()))
                                .mint()),
                idToken(alias, "signed by a key that it brings along", ReasonCode.KEY_UNKNOWN, (provider, token) -> {
                    RSAKey forged = FakeProvider.foreignKey("forged");
                    return token.offersItsOwnKey(forged).mint();
                }),
                idToken(
                        alias,
                        "with another subject put in",
                        ReasonCode.SIGNATURE_INVALID,
                        (provider, token) -> Jwts.withClaim(
                                token.mint(), "sub", provider.newcomer().subject())),
                idToken(
                        alias,
                        "with its signature cut off",
                        ReasonCode.SIGNATURE_INVALID,
                        (provider, token) -> Jwts.withoutSignature(token.mint())),
                attack(
                        alias,
                        TokenKind.ID_TOKEN,
                        "of the realm itself",
                        ReasonCode.ISSUER_MISMATCH,
                        provider -> realm.signInAlice(TestRealm.APP).expect(200).idToken()),
                attack(
                        alias,
                        TokenKind.ID_TOKEN,
                        "of a logout",
                        ReasonCode.TOKEN_KIND_UNSUPPORTED,
                        provider -> provider.idToken(provider.newcomer())
                                .type("logout+jwt")
                                .claim("events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))
                                .mint()));
    }

    private Stream<Attack> accessTokens(String alias) {
        Stream<Attack> attacks = Stream.of(
                accessToken(alias, "of another application", ofAnother(alias), SocialAttacks::anothersAccessToken),
                accessToken(
                        alias,
                        "expired",
                        expired(alias),
                        provider -> provider.accessToken(provider.newcomer())
                                .expiresIn(Duration.ofSeconds(-60))
                                .mint()),
                accessToken(
                        alias,
                        "revoked",
                        ReasonCode.TOKEN_INACTIVE,
                        provider -> provider.accessToken(provider.newcomer())
                                .revoked()
                                .mint()),
                accessToken(alias, "that nobody issued", unknown(alias), provider -> "x" + UUID.randomUUID()));
        return alias.equals("linkedin")
                // its introspection names no person: there is nothing to compare the profile with
                ? attacks
                : Stream.concat(attacks, Stream.of(ofAnotherPerson(alias)));
    }

    private Attack ofAnotherPerson(String alias) {
        return accessToken(
                alias,
                "of another person than the profile",
                ReasonCode.SUBJECT_MISMATCH,
                provider -> provider.accessToken(provider.newcomer())
                        .showing(provider.newcomer())
                        .mint());
    }

    private static String anothersAccessToken(SocialProvider provider) {
        return provider.accessToken(provider.newcomer())
                .issuedTo(provider.anotherClientId())
                .mint();
    }

    /** Who asks with a secret of its own learns nothing of other applications' tokens. */
    private static ReasonCode ofAnother(String alias) {
        return List.of("google", "gitlab", "microsoft").contains(alias)
                ? ReasonCode.AUDIENCE_MISMATCH
                : ReasonCode.TOKEN_INACTIVE;
    }

    /** Only a JWT tells by itself when it ended. */
    private static ReasonCode expired(String alias) {
        return alias.equals("microsoft") ? ReasonCode.TOKEN_EXPIRED : ReasonCode.TOKEN_INACTIVE;
    }

    /** What is no JWT is a personal account's token to Microsoft's verifier. */
    private static ReasonCode unknown(String alias) {
        return alias.equals("microsoft") ? ReasonCode.TOKEN_UNBOUND : ReasonCode.TOKEN_INACTIVE;
    }

    @FunctionalInterface
    private interface Forgery {
        String of(SocialProvider provider, JwtBuilder genuine);
    }

    private static Attack idToken(String alias, String what, ReasonCode reason, Forgery forgery) {
        return attack(
                alias,
                TokenKind.ID_TOKEN,
                what,
                reason,
                provider -> forgery.of(provider, provider.idToken(provider.newcomer())));
    }

    private static Attack accessToken(
            String alias, String what, ReasonCode reason, Function<SocialProvider, String> source) {
        return attack(alias, TokenKind.ACCESS_TOKEN, what, reason, source);
    }

    private static Attack attack(
            String alias, TokenKind kind, String what, ReasonCode reason, Function<SocialProvider, String> source) {
        return new Attack(alias, kind, what, reason, source);
    }
}
