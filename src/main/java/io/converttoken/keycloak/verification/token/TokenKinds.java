// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.TokenKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kinds that a token may be, judged by its content. Providers agree on few marks, and the same claim may be in one
 * provider's access tokens and in another provider's ID tokens. A token that may be of both kinds must keep the rules
 * of both, so that an ambiguous token cannot evade a setting of a backend.
 *
 * @param possible the kinds that the token may be
 * @param likely the kind that the token is taken for if the caller declares none
 */
public record TokenKinds(Set<TokenKind> possible, TokenKind likely) {

    private static final Set<String> MEDIA_TYPES_OF_ACCESS_TOKENS = Set.of("at+jwt", "application/at+jwt");
    private static final Set<String> MEDIA_TYPES_OF_ANY_JWT = Set.of("jwt", "application/jwt");

    /**
     * The claims that state the kind: those of Keycloak, of Amazon Cognito, and of ForgeRock, whose access tokens carry
     * a nonce, too.
     */
    private static final List<String> STATEMENTS = List.of("typ", "token_use", "tokenName");

    /** Only an ID token carries these claims (OpenID Connect Core, sections 2 and 3.3.2.11). */
    private static final List<String> MARKS_OF_ID_TOKENS = List.of("nonce", "at_hash", "c_hash");

    /**
     * Access tokens carry these claims (RFC 9068, section 2.2), and so do ID tokens of Zitadel, Authelia, UAA and
     * FusionAuth.
     */
    private static final List<String> MARKS_OF_EITHER = List.of("client_id", "cid", "scope", "scp");

    /** The scopes that open a person's profile and no API (OpenID Connect Core, sections 5.4 and 11). */
    private static final Set<String> SCOPES_OF_OPENID_CONNECT =
            Set.of("openid", "profile", "email", "address", "phone", "offline_access");

    private static final Pattern MEDIA_TYPE = Pattern.compile("(?i)(?:application/)?[a-z+.-]{1,40}");

    public TokenKinds {
        possible = Set.copyOf(possible);
    }

    private TokenKinds(TokenKind only) {
        this(Set.of(only), only);
    }

    /** Returns the kind of a token that only its provider can read, which is an access token. */
    public static TokenKinds ofOpaqueToken() {
        return new TokenKinds(TokenKind.ACCESS_TOKEN);
    }

    /**
     * Reads the marks of a JWT in this order: the header {@code typ} (RFC 9068, section 2.1) with the claims
     * {@code typ}, {@code token_use} and {@code tokenName}, then the claims that only ID tokens have, and at the end
     * the audience and the scopes.
     *
     * @param mediaType header {@code typ}
     * @param ours our client ids at the provider
     * @throws ExternalTokenRefusedException when the JWT is of neither kind, such as a logout token, or when its marks
     *     contradict each other
     */
    public static TokenKinds of(Optional<String> mediaType, TokenClaims claims, Set<String> ours) {
        if (claims.has("events")) {
            throw unsupported("claim events");
        }
        return stated(mediaType, claims)
                .or(() -> hasAny(claims, MARKS_OF_ID_TOKENS) ? Optional.of(TokenKind.ID_TOKEN) : Optional.empty())
                .map(TokenKinds::new)
                .orElseGet(() -> byContent(claims, ours));
    }

    /** Returns the kind that the claims of a token, or of an introspection answer, state. */
    public static Optional<TokenKind> statedBy(TokenClaims claims) {
        return STATEMENTS.stream()
                .map(claim -> claims.text(claim).flatMap(TokenKinds::named))
                .reduce(Optional.empty(), TokenKinds::agreed);
    }

    private static Optional<TokenKind> stated(Optional<String> mediaType, TokenClaims claims) {
        return agreed(mediaType.flatMap(TokenKinds::kindOf), statedBy(claims));
    }

    private static Optional<TokenKind> agreed(Optional<TokenKind> one, Optional<TokenKind> other) {
        if (one.isPresent() && other.isPresent() && !one.equals(other)) {
            throw unsupported("types that contradict each other");
        }
        return one.or(() -> other);
    }

    /** Returns the type of a token for an event. What has not the form of a media type is not shown. */
    public static String shown(String mediaType) {
        return MEDIA_TYPE.matcher(mediaType).matches() ? "type " + mediaType : "a type that is no media type";
    }

    private static ExternalTokenRefusedException unsupported(String found) {
        return new ExternalTokenRefusedException(
                ReasonCode.TOKEN_KIND_UNSUPPORTED, Finding.of(() -> "an ID token or an access token", () -> found));
    }

    private static Optional<TokenKind> kindOf(String mediaType) {
        String type = mediaType.toLowerCase(Locale.ROOT);
        if (MEDIA_TYPES_OF_ACCESS_TOKENS.contains(type)) {
            return Optional.of(TokenKind.ACCESS_TOKEN);
        }
        if (MEDIA_TYPES_OF_ANY_JWT.contains(type)) {
            return Optional.empty();
        }
        throw unsupported(shown(mediaType));
    }

    private static Optional<TokenKind> named(String type) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "id", "id_token" -> Optional.of(TokenKind.ID_TOKEN);
            case "bearer", "access", "access_token" -> Optional.of(TokenKind.ACCESS_TOKEN);
            case "dpop" -> throw new ExternalTokenRefusedException(ReasonCode.TOKEN_SENDER_CONSTRAINED);
            default -> kindOf(type);
        };
    }

    /** Decides by audience and scopes. A token that does not name us in its audience cannot be an ID token for us. */
    private static TokenKinds byContent(TokenClaims claims, Set<String> ours) {
        if (!hasAny(claims, MARKS_OF_EITHER)) {
            return new TokenKinds(TokenKind.ID_TOKEN);
        }
        List<String> audience = claims.audience();
        if (audience.stream().noneMatch(ours::contains)) {
            return new TokenKinds(TokenKind.ACCESS_TOKEN);
        }
        boolean isForUsAlone = ours.containsAll(audience) && SCOPES_OF_OPENID_CONNECT.containsAll(scopes(claims));
        return new TokenKinds(Set.of(TokenKind.values()), isForUsAlone ? TokenKind.ID_TOKEN : TokenKind.ACCESS_TOKEN);
    }

    private static boolean hasAny(TokenClaims claims, List<String> names) {
        return names.stream().anyMatch(claims::has);
    }

    private static List<String> scopes(TokenClaims claims) {
        return Stream.of("scope", "scp")
                .flatMap(claim -> claims.texts(claim).stream())
                .flatMap(text -> Arrays.stream(text.split(" ", -1)))
                .filter(scope -> !scope.isEmpty())
                .toList();
    }

    /** Returns the names of the kinds that the token may be. */
    Set<String> codes() {
        return possible.stream().map(TokenKind::code).collect(Collectors.toUnmodifiableSet());
    }

    public boolean include(TokenKind kind) {
        return possible.contains(kind);
    }

    /**
     * Returns the kind by whose rules the token is verified. The caller may choose between the kinds of an ambiguous
     * token, but must not contradict the token.
     *
     * @throws ExternalTokenRefusedException when the token is not of the declared kind
     */
    public TokenKind narrowedTo(Optional<TokenKind> declared) {
        TokenKind kind = declared.orElse(likely);
        if (!include(kind)) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.TOKEN_KIND_MISMATCH, Finding.of(kind::code, this::codes));
        }
        return kind;
    }
}
