// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.TokenKind;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keycloak.OAuth2Constants;

/**
 * A conversion as it was asked for, in either dialect.
 *
 * @param backend the name of the backend
 * @param externalToken the token to convert
 * @param dialect which parameters it came by, and so which form the answer has
 */
record ConvertTokenRequest(String backend, ExternalToken externalToken, Dialect dialect) {

    private static final int MAX_NAME_LENGTH = 255;

    /** What RFC 8693, section 2.1, and Keycloak's own exchanges read; nobody may smuggle it past the policies. */
    private static final Set<String> PARAMETERS_OF_TOKEN_EXCHANGE = Set.of(
            OAuth2Constants.SUBJECT_TOKEN,
            OAuth2Constants.SUBJECT_TOKEN_TYPE,
            OAuth2Constants.SUBJECT_ISSUER,
            OAuth2Constants.ACTOR_TOKEN,
            OAuth2Constants.AUDIENCE,
            OAuth2Constants.REQUESTED_TOKEN_TYPE,
            OAuth2Constants.REQUESTED_ISSUER,
            OAuth2Constants.REQUESTED_SUBJECT);

    /** What an answer can carry. A client that asks Keycloak's own exchange for a refresh token gets an access token as well. */
    private static final Set<String> REQUESTED_TOKEN_TYPES =
            Set.of(OAuth2Constants.ACCESS_TOKEN_TYPE, OAuth2Constants.REFRESH_TOKEN_TYPE);

    /** The names that the parameters go by. */
    enum Dialect {
        /** {@code grant_type=convert_token}, as drf-social-oauth2 made it known. */
        CONVERT_TOKEN("backend", "token", "token_type"),

        /** {@code grant_type=urn:ietf:params:oauth:grant-type:token-exchange}, RFC 8693, section 2.1. */
        TOKEN_EXCHANGE(
                OAuth2Constants.SUBJECT_ISSUER, OAuth2Constants.SUBJECT_TOKEN, OAuth2Constants.SUBJECT_TOKEN_TYPE);

        private final String backend;
        private final String token;
        private final String tokenType;

        Dialect(String backend, String token, String tokenType) {
            this.backend = backend;
            this.token = token;
            this.tokenType = tokenType;
        }

        /** The parameters under the names of RFC 8693, which whoever watches over token exchanges knows. */
        MultivaluedMap<String, String> asTokenExchange(MultivaluedMap<String, String> parameters) {
            MultivaluedMap<String, String> exchange = new MultivaluedHashMap<>(parameters);
            PARAMETERS_OF_TOKEN_EXCHANGE.forEach(exchange::remove);
            copy(parameters, backend, exchange, TOKEN_EXCHANGE.backend);
            copy(parameters, token, exchange, TOKEN_EXCHANGE.token);
            copy(parameters, tokenType, exchange, TOKEN_EXCHANGE.tokenType);
            exchange.computeIfPresent(
                    TOKEN_EXCHANGE.tokenType,
                    (name, types) -> types.stream().map(Dialect::asTokenType).toList());
            return exchange;
        }

        private static void copy(
                MultivaluedMap<String, String> from, String name, MultivaluedMap<String, String> to, String otherName) {
            if (from.containsKey(name)) {
                to.put(otherName, from.get(name));
            }
        }

        private static String asTokenType(String type) {
            return type.equals("access_token") ? OAuth2Constants.ACCESS_TOKEN_TYPE : type;
        }
    }

    /**
     * Reads a request.
     *
     * @param parameters as they were sent: Keycloak's token endpoint hands them on cleaned, and leaves long ones out
     * @throws InvalidParameterException when a parameter is missing, too long, or not one of its values
     */
    static ConvertTokenRequest from(MultivaluedMap<String, String> parameters, Dialect dialect) {
        String backend = Parameter.required(parameters, dialect.backend, MAX_NAME_LENGTH);
        String token = Parameter.required(parameters, dialect.token, ExternalToken.MAX_LENGTH);
        Optional<String> nonce = Parameter.optional(parameters, "nonce", ExternalToken.MAX_NONCE_LENGTH);
        ExternalToken externalToken = new ExternalToken(token, declaredKind(parameters, dialect), nonce);
        if (externalToken.value().isEmpty()) {
            throw new InvalidParameterException("Missing parameter: " + dialect.token);
        }
        if (dialect == Dialect.TOKEN_EXCHANGE) {
            requirePlainExchange(parameters);
        }
        return new ConvertTokenRequest(backend, externalToken, dialect);
    }

    private static Optional<TokenKind> declaredKind(MultivaluedMap<String, String> parameters, Dialect dialect) {
        Optional<String> type = Parameter.optional(parameters, dialect.tokenType, MAX_NAME_LENGTH);
        if (dialect == Dialect.TOKEN_EXCHANGE && type.isEmpty()) {
            throw new InvalidParameterException("Missing parameter: " + dialect.tokenType);
        }
        // a JWT says by itself which kind it is
        boolean isDeclared = type.filter(value -> !value.equals(OAuth2Constants.JWT_TOKEN_TYPE))
                .isPresent();
        if (!isDeclared) {
            return Optional.empty();
        }
        return Optional.of(type.flatMap(TokenKind::named)
                .orElseThrow(() -> new InvalidParameterException("Unsupported " + dialect.tokenType)));
    }

    /** RFC 8693 offers more than a conversion does: what we would have to ignore, we refuse. */
    private static void requirePlainExchange(MultivaluedMap<String, String> parameters) {
        for (String unsupported : new String[] {
            OAuth2Constants.ACTOR_TOKEN,
            OAuth2Constants.AUDIENCE,
            OAuth2Constants.REQUESTED_ISSUER,
            OAuth2Constants.REQUESTED_SUBJECT
        }) {
            if (parameters.getOrDefault(unsupported, List.of()).stream().anyMatch(value -> !value.isEmpty())) {
                throw new InvalidParameterException("Unsupported parameter: " + unsupported);
            }
        }
        Parameter.optional(parameters, OAuth2Constants.REQUESTED_TOKEN_TYPE, MAX_NAME_LENGTH)
                .filter(type -> !REQUESTED_TOKEN_TYPES.contains(type))
                .ifPresent(type -> {
                    throw new InvalidParameterException("Unsupported " + OAuth2Constants.REQUESTED_TOKEN_TYPE);
                });
    }
}
