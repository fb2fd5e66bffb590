// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.verification.CredentialParameters;
import io.converttoken.keycloak.verification.ExternalCredential;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Set;
import org.keycloak.OAuth2Constants;

/**
 * A request for a conversion, in either dialect.
 *
 * @param backend the name of the backend
 * @param credential the token to convert, or the code
 * @param dialect the names of the request's parameters, which also decide the form of the answer
 */
record ConvertTokenRequest(String backend, ExternalCredential credential, Dialect dialect) {

    private static final int MAX_NAME_LENGTH = 255;

    /**
     * Parameters that RFC 8693, section 2.1, and Keycloak's own exchanges read. The policies must not see values that a
     * conversion does not use.
     */
    private static final Set<String> PARAMETERS_OF_TOKEN_EXCHANGE = Set.of(
            OAuth2Constants.SUBJECT_TOKEN,
            OAuth2Constants.SUBJECT_TOKEN_TYPE,
            OAuth2Constants.SUBJECT_ISSUER,
            OAuth2Constants.ACTOR_TOKEN,
            OAuth2Constants.AUDIENCE,
            OAuth2Constants.REQUESTED_TOKEN_TYPE,
            OAuth2Constants.REQUESTED_ISSUER,
            OAuth2Constants.REQUESTED_SUBJECT);

    /** The types that an answer can carry. A refresh token comes with an access token, as in Keycloak's exchange. */
    private static final Set<String> REQUESTED_TOKEN_TYPES =
            Set.of(OAuth2Constants.ACCESS_TOKEN_TYPE, OAuth2Constants.REFRESH_TOKEN_TYPE);

    /** The names of the parameters. */
    enum Dialect {
        /** {@code grant_type=convert_token}, as in drf-social-oauth2. */
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

        /** Returns the parameters under the names of RFC 8693, because client policies read these names. */
        MultivaluedMap<String, String> asTokenExchange(MultivaluedMap<String, String> parameters) {
            MultivaluedMap<String, String> exchange = new MultivaluedHashMap<>(parameters);
            PARAMETERS_OF_TOKEN_EXCHANGE.forEach(exchange::remove);
            copy(parameters, backend, exchange, TOKEN_EXCHANGE.backend);
            copy(parameters, token, exchange, TOKEN_EXCHANGE.token);
            copy(parameters, tokenType, exchange, TOKEN_EXCHANGE.tokenType);
            if (this == CONVERT_TOKEN && CredentialParameters.haveCode(parameters)) {
                copy(parameters, OAuth2Constants.CODE, exchange, TOKEN_EXCHANGE.token);
                exchange.putSingle(TOKEN_EXCHANGE.tokenType, CredentialParameters.CODE_TYPE);
            }
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
     * @param parameters the parameters as they were sent, because Keycloak's token endpoint cleans the ones that it
     *     hands on and leaves long ones out
     * @throws InvalidParameterException when a parameter is missing, is too long, or has a value that is not allowed
     */
    static ConvertTokenRequest from(MultivaluedMap<String, String> parameters, Dialect dialect) {
        String backend = Parameter.required(parameters, dialect.backend, MAX_NAME_LENGTH);
        if (dialect == Dialect.CONVERT_TOKEN) {
            return new ConvertTokenRequest(backend, CredentialParameters.in(parameters), dialect);
        }
        ExternalCredential credential = CredentialParameters.inExchange(parameters);
        requirePlainExchange(parameters);
        return new ConvertTokenRequest(backend, credential, dialect);
    }

    /** Refuses the parameters of RFC 8693 that a conversion would have to ignore. */
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
