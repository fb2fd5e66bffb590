// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The claims of a token or of an introspection answer (RFC 7519, section 4.1; RFC 7662, section 2.2), read strictly: a
 * claim of the wrong JSON type makes the token malformed rather than the claim absent.
 */
public final class TokenClaims {

    /**
     * Seconds that a token may be issued, or begin to be valid, ahead of our clock without any setting: clocks differ, and a
     * fresh token must not fail.
     */
    public static final int CLOCK_TOLERANCE = 30;

    /** The last second of the year 9999. A later time counts as this one, so that no sum of times overflows. */
    public static final long END_OF_TIME = 253_402_300_799L;

    private static final String AUTHORIZED_PARTY = "azp";

    /** By these, too, providers name the client that a token was issued to; {@code cid} is Okta's and Cloud Foundry's. */
    private static final List<String> CLIENTS = List.of("client_id", "cid");

    private static final Set<String> CLIENT_CREDENTIALS = Set.of("client_credentials", "client-credentials");

    /** What a profile tells of the name that its person signs in by. */
    private static final List<String> LOGINS = List.of("preferred_username", "email");

    /** What the name of a client's service account begins with ({@code ServiceAccountConstants}, Keycloak 26.7.3). */
    private static final String SERVICE_ACCOUNT = "service-account-";

    private final JsonNode json;

    public TokenClaims(JsonNode json) {
        if (!json.isObject()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        this.json = json;
    }

    /** All claims, for what reads a profile out of them. */
    public JsonNode json() {
        return json;
    }

    public boolean has(String claim) {
        return json.hasNonNull(claim);
    }

    public Optional<String> text(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        return Optional.of(value.textValue());
    }

    /**
     * A claim that identifies somebody or something: a string, or a whole number, which counts as its digits, as it does for
     * Keycloak's classes in a browser login.
     */
    Optional<String> identifier(String claim) {
        JsonNode value = json.path(claim);
        return value.isIntegralNumber() ? Optional.of(value.asText()) : text(claim);
    }

    /** A NumericDate (RFC 7519, section 2) in whole seconds since the epoch, {@link #END_OF_TIME} at most. */
    public OptionalLong time(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        return OptionalLong.of(Math.min(value.longValue(), END_OF_TIME));
    }

    /** The audiences (RFC 7519, section 4.1.3). */
    public List<String> audience() {
        return texts("aud");
    }

    /** A claim that is one string or a list of them. */
    List<String> texts(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (value.isTextual()) {
            return List.of(value.textValue());
        }
        if (!value.isArray()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        return StreamSupport.stream(value.spliterator(), false)
                .map(TokenClaims::requireText)
                .toList();
    }

    /** The clients that the token says it was issued to; more than one where its claims do not agree. */
    private Set<String> issuedTo() {
        return Stream.concat(identifier(AUTHORIZED_PARTY).stream(), clients()).collect(Collectors.toUnmodifiableSet());
    }

    private Stream<String> clients() {
        return CLIENTS.stream().flatMap(claim -> identifier(claim).stream());
    }

    /** Refuses a token that names another client as the one that it was issued to, in whatever claim. */
    public void refuseWhereIssuedToAnother(Set<String> ours) {
        refuseUnless(ours.containsAll(issuedTo()));
    }

    /** The same, but for {@code azp}: at some providers that is a sister application of the one in the audience. */
    public void refuseWhereIssuedToAnotherBesidesAzp(Set<String> ours) {
        refuseUnless(clients().allMatch(ours::contains));
    }

    /**
     * Refuses an access token that was not issued to us. The audience decides only where no client is named: it says where
     * a token may be shown, and Keycloak, for one, puts a client into the audience of other clients' tokens.
     */
    public void requireIssuedTo(Set<String> ours) {
        if (!namesAnApplication()) {
            throw new ExternalTokenRefusedException(Refusal.UNBOUND);
        }
        refuseWhereIssuedToAnother(ours);
        refuseUnless(!issuedTo().isEmpty() || audience().stream().anyMatch(ours::contains));
    }

    /**
     * Refuses a token that a client got for itself, so that no person has signed in: its subject is the client (RFC 9068,
     * section 2.2), the client's service account (Keycloak), or it says so ({@code gty} of Auth0 and FusionAuth, {@code
     * grant_type} of ForgeRock and Cloud Foundry, {@code idtyp} of Entra ID).
     */
    public void requirePerson() {
        Set<String> clients = issuedTo();
        boolean isClient = identifier("sub").filter(clients::contains).isPresent();
        boolean isServiceAccount = Stream.of("preferred_username", "username")
                .flatMap(claim -> identifier(claim).stream())
                .anyMatch(name -> clients.stream().anyMatch(client -> name.equalsIgnoreCase(SERVICE_ACCOUNT + client)));
        boolean isSaid = Stream.of("gty", "grant_type")
                        .flatMap(claim -> texts(claim).stream())
                        .anyMatch(CLIENT_CREDENTIALS::contains)
                || text("idtyp").filter("app"::equals).isPresent();
        if (isClient || isServiceAccount || isSaid) {
            throw new ExternalTokenRefusedException(Refusal.NOT_A_PERSON);
        }
    }

    /**
     * Refuses a profile of somebody else than the person whom this access token names. Where its {@code sub} is no id but a
     * login (Okta), the profile's subject is in {@code uid}, or the profile names that login.
     *
     * @throws ExternalTokenRefusedException also where the profile names nobody
     */
    public void requireSamePerson(TokenClaims profile) {
        String id = profile.requireSubject();
        Optional<String> named = identifier("sub");
        boolean isSame = named.isEmpty()
                || named.get().equals(id)
                || identifier("uid").filter(id::equals).isPresent()
                || LOGINS.stream().anyMatch(claim -> profile.identifier(claim).equals(named));
        if (!isSame) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_SUBJECT);
        }
    }

    private static void refuseUnless(boolean isOurs) {
        if (!isOurs) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
    }

    /** RFC 7800, section 3.1: what binds a token to a key makes it worthless to whoever else sees it, us included. */
    public void requireBearer() {
        if (has("cnf")) {
            throw new ExternalTokenRefusedException(Refusal.SENDER_CONSTRAINED);
        }
    }

    public boolean namesAnApplication() {
        return !issuedTo().isEmpty() || !audience().isEmpty();
    }

    public String requireSubject() {
        return identifier("sub")
                .filter(subject -> !subject.isBlank())
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_SUBJECT));
    }

    /** Refuses a token from an issuer that is not trusted; issuers are compared to the letter. */
    public void requireIssuer(Set<String> trusted) {
        if (trusted.isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.NO_ISSUER_CONFIGURED);
        }
        if (text("iss").filter(trusted::contains).isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.WRONG_ISSUER);
        }
    }

    /**
     * Refuses a token that is not valid at this moment. Its expiry is exact but for the setting; its beginning may lie {@link
     * #CLOCK_TOLERANCE} ahead in any case.
     *
     * @param now seconds since the epoch
     * @param skew seconds that the clocks may differ by the identity provider's setting
     */
    public void requireValidAt(long now, int skew) {
        long expiry = time("exp").orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_EXPIRY));
        if (now - skew >= expiry) {
            throw new ExternalTokenRefusedException(Refusal.EXPIRED);
        }
        requireNotBefore(now, skew);
    }

    /** Refuses what is valid, or says it was issued, only later; the same parameters. */
    public void requireNotBefore(long now, int skew) {
        long latest = now + Math.max(CLOCK_TOLERANCE, skew);
        if (isAfter(time("nbf"), latest)) {
            throw new ExternalTokenRefusedException(Refusal.NOT_YET_VALID);
        }
        if (isAfter(time("iat"), latest)) {
            throw new ExternalTokenRefusedException(Refusal.ISSUED_IN_FUTURE);
        }
    }

    /**
     * Refuses a token that does not say when it was issued, and one that was issued too long ago.
     *
     * @param seconds how old it may be, 0 for as old as it is
     * @param now seconds since the epoch
     */
    public void requireIssuedWithin(long seconds, long now) {
        long issued = time("iat").orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_ISSUE_TIME));
        if (seconds > 0 && now - issued > seconds) {
            throw new ExternalTokenRefusedException(Refusal.TOO_OLD);
        }
    }

    private static boolean isAfter(OptionalLong time, long moment) {
        return time.isPresent() && time.getAsLong() > moment;
    }

    private static String requireText(JsonNode value) {
        if (!value.isTextual()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        return value.textValue();
    }
}
