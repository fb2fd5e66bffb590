// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * Reads whom an event is about: subject identifiers (RFC 9493), and the forms that came before them, with
 * {@code subject_type}, hyphens and members of their own.
 */
final class SubjectReader {

    /** By this id Keycloak's transmitter (26.7.3) means all sessions of a person whom an administrator logs out. */
    private static final String EVERY_SESSION = "ALL";

    private static final Set<String> BY_ISSUER = Set.of("iss_sub", "id_token_claims", "jwt_id");

    private final Predicate<String> isIssuer;

    /** @param isIssuer accepts the issuers whose ids are the ids that are linked to the backend */
    SubjectReader(Predicate<String> isIssuer) {
        this.isIssuer = isIssuer;
    }

    /** Returns nothing if the subject is in none of the forms that name a person. */
    Optional<Whom> read(JsonNode subject) {
        if (!subject.isObject()) {
            return Optional.empty();
        }
        if (subject.path("user").isObject()) {
            return read(subject.path("user"));
        }
        Optional<String> format = SignalJson.text(subject, "format").or(() -> SignalJson.text(subject, "subject_type"));
        return format.map(name -> name.toLowerCase(Locale.ROOT).replace('-', '_'))
                .map(name -> ofFormat(name, subject))
                .orElseGet(() -> unnamed(subject));
    }

    private Optional<Whom> ofFormat(String format, JsonNode subject) {
        if (BY_ISSUER.contains(format)) {
            return byIssuer(subject);
        }
        return switch (format) {
            case "opaque" -> Whom.byId(subject, "id");
            case "email" -> SignalJson.text(subject, "email").map(Whom.ByEmail::new);
            case "oauth_token" -> byToken(subject);
            case "aliases" ->
                StreamSupport.stream(subject.path("identifiers").spliterator(), false)
                        .limit(10)
                        .flatMap(alias -> read(alias).stream())
                        .findFirst();
            default -> Optional.empty();
        };
    }

    /** Some senders say neither the format nor the type. */
    private Optional<Whom> unnamed(JsonNode subject) {
        if (subject.has("sub")) {
            return byIssuer(subject);
        }
        return Whom.byId(subject, "id")
                .or(() -> SignalJson.text(subject, "email").map(Whom.ByEmail::new));
    }

    /** Another issuer may have given the same id to somebody else. */
    private Optional<Whom> byIssuer(JsonNode subject) {
        return SignalJson.text(subject, "iss").filter(isIssuer).flatMap(issuer -> Whom.byId(subject, "sub"));
    }

    private static Optional<Whom> byToken(JsonNode subject) {
        return SignalJson.text(subject, "token_identifier_alg")
                .flatMap(algorithm ->
                        SignalJson.text(subject, "token").map(token -> new Whom.ByToken(algorithm, token)));
    }

    /** Returns the session at the provider that a subject of several parts names, unless it means all of them. */
    static Optional<String> session(JsonNode subject) {
        JsonNode session = subject.path("session");
        return SignalJson.id(session, "id")
                .or(() -> SignalJson.id(session, "sub"))
                .filter(id -> !id.equals(EVERY_SESSION));
    }
}
