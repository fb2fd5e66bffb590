package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The claims of a token or of an introspection answer (RFC 7519, section 4.1; RFC 7662, section 2.2), read strictly: a
 * claim of the wrong JSON type makes the token malformed rather than the claim absent.
 */
final class TokenClaims {

    /** Seconds by which the provider's clock and ours may differ at most. */
    static final int MAX_CLOCK_SKEW = 30;

    private static final String AUTHORIZED_PARTY = "azp";
    private static final String CLIENT_ID = "client_id";

    private final JsonNode json;

    TokenClaims(JsonNode json) {
        if (!json.isObject()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        this.json = json;
    }

    /** All claims, for what reads a profile out of them. */
    JsonNode json() {
        return json;
    }

    boolean has(String claim) {
        return json.hasNonNull(claim);
    }

    Optional<String> text(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        return Optional.of(value.textValue());
    }

    /** A NumericDate (RFC 7519, section 2) in whole seconds since the epoch. */
    OptionalLong time(String claim) {
        JsonNode value = json.path(claim);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        return OptionalLong.of(value.longValue());
    }

    /** The audiences, one string or a list of them (RFC 7519, section 4.1.3). */
    List<String> audience() {
        JsonNode value = json.path("aud");
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

    /** The client that the token was issued to: {@code azp}, {@code client_id}, or both where they agree. */
    Optional<String> issuedTo() {
        Optional<String> authorizedParty = text(AUTHORIZED_PARTY);
        Optional<String> clientId = text(CLIENT_ID);
        if (authorizedParty.isPresent() && clientId.isPresent() && !authorizedParty.equals(clientId)) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
        return authorizedParty.or(() -> clientId);
    }

    /** RFC 7800, section 3.1: what binds a token to a key makes it worthless to whoever else sees it, us included. */
    void requireBearer() {
        if (has("cnf")) {
            throw new ExternalTokenRefusedException(Refusal.SENDER_CONSTRAINED);
        }
    }

    /** What the claims say the token is, by {@code typ} (Keycloak) or {@code token_use} (Amazon Cognito). */
    Optional<TokenKind> kind() {
        return text("typ").or(() -> text("token_use")).map(TokenClaims::kind);
    }

    private static TokenKind kind(String type) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "id" -> TokenKind.ID_TOKEN;
            case "bearer", "access", "access_token", "at+jwt", "application/at+jwt" -> TokenKind.ACCESS_TOKEN;
            case "dpop" -> throw new ExternalTokenRefusedException(Refusal.SENDER_CONSTRAINED);
            default -> throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_TOKEN);
        };
    }

    boolean namesAnApplication() {
        return issuedTo().isPresent() || !audience().isEmpty();
    }

    String requireSubject() {
        return text("sub")
                .filter(subject -> !subject.isBlank())
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_SUBJECT));
    }

    /** Refuses a token from an issuer that is not trusted; issuers are compared to the letter. */
    void requireIssuer(Set<String> trusted) {
        if (trusted.isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.NO_ISSUER_CONFIGURED);
        }
        if (text("iss").filter(trusted::contains).isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.WRONG_ISSUER);
        }
    }

    /**
     * Refuses a token that is not valid at this moment.
     *
     * @param now seconds since the epoch
     * @param skew seconds that the clocks may differ
     */
    void requireValidAt(long now, int skew) {
        long expiry = time("exp").orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_EXPIRY));
        if (now - skew >= expiry) {
            throw new ExternalTokenRefusedException(Refusal.EXPIRED);
        }
        requireNotBefore(now, skew);
    }

    /** Refuses what is valid, or says it was issued, only later than {@code now}, in seconds since the epoch. */
    void requireNotBefore(long now, int skew) {
        if (isAfter(time("nbf"), now + skew)) {
            throw new ExternalTokenRefusedException(Refusal.NOT_YET_VALID);
        }
        if (isAfter(time("iat"), now + skew)) {
            throw new ExternalTokenRefusedException(Refusal.ISSUED_IN_FUTURE);
        }
    }

    /**
     * Refuses a token that does not say when it was issued, and one that was issued too long ago.
     *
     * @param seconds how old it may be, 0 for as old as it is
     * @param now seconds since the epoch
     */
    void requireIssuedWithin(long seconds, long now) {
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
