// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The claims of a token or of an introspection answer (RFC 7519, section 4.1; RFC 7662, section 2.2). They are read
 * strictly: a claim of the wrong JSON type does not count as absent, but makes the token malformed.
 */
public final class TokenClaims {

    /**
     * How many seconds ahead of our clock a token may be issued or become valid, without any setting. Clocks differ,
     * and a fresh token must not fail.
     */
    public static final int CLOCK_TOLERANCE = 30;

    /** The last second of the year 9999. A later time counts as this one, so that no sum of times overflows. */
    public static final long END_OF_TIME = 253_402_300_799L;

    private static final String AUTHORIZED_PARTY = "azp";

    /**
     * The claims besides {@code azp} in which providers name the client of a token. Okta and Cloud Foundry use
     * {@code cid}.
     */
    private static final List<String> CLIENTS = List.of("client_id", "cid");

    private static final Set<String> CLIENT_CREDENTIALS = Set.of("client_credentials", "client-credentials");

    /** The claims of a profile that may hold the name with which its person signs in. */
    private static final List<String> LOGINS = List.of("preferred_username", "email");

    /** The prefix of the name of a client's service account ({@code ServiceAccountConstants}, Keycloak 26.7.3). */
    private static final String SERVICE_ACCOUNT = "service-account-";

    private static final Supplier<Optional<String>> NO_CLAIM = () -> Optional.of("none");

    private final JsonNode json;

    public TokenClaims(JsonNode json) {
        if (!json.isObject()) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED);
        }
        this.json = json;
    }

    /** Returns all claims, for code that reads a profile from them. */
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
            throw malformed(claim);
        }
        return Optional.of(value.textValue());
    }

    /**
     * Returns a claim that identifies somebody or something: a string or a whole number. A number counts as the string
     * of its digits, as it does for Keycloak's classes in a browser login.
     */
    Optional<String> identifier(String claim) {
        JsonNode value = json.path(claim);
        return value.isIntegralNumber() ? Optional.of(value.asText()) : text(claim);
    }

    /** Returns a NumericDate (RFC 7519, section 2) in whole seconds since the epoch, {@link #END_OF_TIME} at most. */
    public OptionalLong time(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw malformed(claim);
        }
        return OptionalLong.of(Math.min(value.longValue(), END_OF_TIME));
    }

    /** Returns the audiences (RFC 7519, section 4.1.3). */
    public List<String> audience() {
        return texts("aud");
    }

    /** Returns the strings of a claim that is one string or a list of strings. */
    List<String> texts(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (value.isTextual()) {
            return List.of(value.textValue());
        }
        if (!value.isArray()) {
            throw malformed(claim);
        }
        return StreamSupport.stream(value.spliterator(), false)
                .map(text -> requireText(text, claim))
                .toList();
    }

    private static ExternalTokenRefusedException malformed(String claim) {
        return new ExternalTokenRefusedException(
                ReasonCode.TOKEN_MALFORMED, Finding.found(() -> "claim " + claim + " of another JSON type"));
    }

    /** Returns the clients that the token says it was issued to. There are several if its claims do not agree. */
    private Set<String> issuedTo() {
        return Stream.concat(identifier(AUTHORIZED_PARTY).stream(), clients()).collect(Collectors.toUnmodifiableSet());
    }

    private Stream<String> clients() {
        return CLIENTS.stream().flatMap(claim -> identifier(claim).stream());
    }

    /** Refuses a token if any claim says that it was issued to another client. */
    public Finding refuseWhereIssuedToAnother(Set<String> ours) {
        Set<String> clients = issuedTo();
        return refuseUnless(ours.containsAll(clients), ours, clients);
    }

    /**
     * Like {@link #refuseWhereIssuedToAnother}, but ignores {@code azp}, because at some providers it names a sister
     * application of the one in the audience.
     */
    public Finding refuseWhereIssuedToAnotherBesidesAzp(Set<String> ours) {
        Set<String> clients = clients().collect(Collectors.toUnmodifiableSet());
        return refuseUnless(ours.containsAll(clients), ours, clients);
    }

    /**
     * Refuses an access token that was not issued to us. The audience decides only if no client is named, because it
     * says where a token may be shown: Keycloak, for example, puts a client into the audience of other clients' tokens.
     */
    public Finding requireIssuedTo(Set<String> ours) {
        if (!namesAnApplication()) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_UNBOUND);
        }
        Set<String> clients = issuedTo();
        return clients.isEmpty()
                ? refuseUnless(audience().stream().anyMatch(ours::contains), ours, audience())
                : refuseUnless(ours.containsAll(clients), ours, clients);
    }

    /**
     * Refuses a token that a client got for itself, so that no person has signed in. Either its subject is the client
     * (RFC 9068, section 2.2) or the client's service account (Keycloak), or a claim says so ({@code gty} of Auth0 and
     * FusionAuth, {@code grant_type} of ForgeRock and Cloud Foundry, {@code idtyp} of Entra ID).
     */
    public Finding requirePerson() {
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
            throw new ExternalTokenRefusedException(
                    ReasonCode.NOT_A_PERSON,
                    Finding.found(() -> isClient
                            ? "sub that is the client"
                            : isServiceAccount ? "name of a service account" : "claim that names client credentials"));
        }
        return Finding.nothing();
    }

    /**
     * Refuses a profile of another person than the one whom this access token names. If the token's {@code sub} is not
     * an id but a login name (Okta), either the token's {@code uid} must be the profile's subject, or the profile must
     * name that login.
     *
     * @throws ExternalTokenRefusedException also when the profile has no subject
     */
    public Finding requireSamePerson(TokenClaims profile) {
        String id = profile.requireSubject();
        Optional<String> named = identifier("sub");
        boolean isSame = named.isEmpty()
                || named.get().equals(id)
                || identifier("uid").filter(id::equals).isPresent()
                || LOGINS.stream().anyMatch(claim -> profile.identifier(claim).equals(named));
        Finding finding = Finding.of(() -> named, () -> id);
        if (!isSame) {
            throw new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISMATCH, finding);
        }
        return finding;
    }

    private static Finding refuseUnless(boolean isOurs, Set<String> ours, Collection<String> found) {
        Finding finding = Finding.of(() -> ours, () -> found);
        if (!isOurs) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH, finding);
        }
        return finding;
    }

    /**
     * Refuses a token that is bound to a key (RFC 7800, section 3.1), because nobody but the holder of the key may use
     * it.
     */
    public Finding requireBearer() {
        if (has("cnf")) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.TOKEN_SENDER_CONSTRAINED, Finding.found(() -> "claim cnf"));
        }
        return Finding.nothing();
    }

    public boolean namesAnApplication() {
        return !issuedTo().isEmpty() || !audience().isEmpty();
    }

    public String requireSubject() {
        return identifier("sub")
                .filter(subject -> !subject.isBlank())
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING));
    }

    /** Refuses a token without a subject. */
    public Finding checkSubject() {
        String subject = requireSubject();
        return Finding.found(() -> subject);
    }

    /** Returns the same claims with an issuer that has no slash at its end. */
    public TokenClaims withoutSlashInIssuer() {
        String issuer = text("iss").orElse("").replaceFirst("/$", "");
        return new TokenClaims(json.<ObjectNode>deepCopy().put("iss", issuer));
    }

    /** Refuses a token from an issuer that is not trusted. The issuer must match exactly. */
    public Finding requireIssuer(Set<String> trusted) {
        if (trusted.isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.ISSUER_NOT_CONFIGURED);
        }
        Optional<String> issuer = text("iss");
        Finding finding = Finding.of(() -> trusted, () -> issuer.or(NO_CLAIM));
        if (issuer.filter(trusted::contains).isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.ISSUER_MISMATCH, finding);
        }
        return finding;
    }

    /**
     * Refuses a token that is not valid at this moment. Only the setting extends its expiry. Its beginning may always
     * lie {@link #CLOCK_TOLERANCE} seconds ahead.
     *
     * @param now seconds since the epoch
     * @param skew by how many seconds the clocks may differ according to the identity provider's setting
     */
    public Finding requireValidAt(long now, int skew) {
        long expiry = time("exp").orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.EXPIRY_MISSING));
        Finding finding = Finding.of(() -> "now " + time(now), () -> "exp " + time(expiry));
        if (now - skew >= expiry) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_EXPIRED, finding);
        }
        requireNotBefore(now, skew);
        return finding;
    }

    /**
     * Refuses a token that becomes valid only later, or says that it was issued later. The parameters are those of
     * {@link #requireValidAt}.
     */
    public Finding requireNotBefore(long now, int skew) {
        long latest = now + Math.max(CLOCK_TOLERANCE, skew);
        requireNoLater("nbf", latest, now, ReasonCode.TOKEN_NOT_YET_VALID);
        requireNoLater("iat", latest, now, ReasonCode.TOKEN_ISSUED_IN_FUTURE);
        return Finding.nothing();
    }

    private void requireNoLater(String claim, long latest, long now, ReasonCode otherwise) {
        OptionalLong time = time(claim);
        if (time.isPresent() && time.getAsLong() > latest) {
            throw new ExternalTokenRefusedException(
                    otherwise, Finding.of(() -> "now " + time(now), () -> claim + " " + time(time.getAsLong())));
        }
    }

    private static String time(long seconds) {
        return Instant.ofEpochSecond(seconds).toString();
    }

    /**
     * Refuses a token that does not say when it was issued, and one that was issued too long ago.
     *
     * @param seconds how old the token may be; 0 for no limit
     * @param now seconds since the epoch
     */
    public Finding requireIssuedWithin(long seconds, long now) {
        long issued = time("iat").orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.ISSUE_TIME_MISSING));
        Finding finding =
                Finding.of(() -> seconds > 0 ? "at most " + seconds + " s" : "any age", () -> (now - issued) + " s");
        if (seconds > 0 && now - issued > seconds) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_TOO_OLD, finding);
        }
        return finding;
    }

    private static String requireText(JsonNode value, String claim) {
        if (!value.isTextual()) {
            throw malformed(claim);
        }
        return value.textValue();
    }
}
