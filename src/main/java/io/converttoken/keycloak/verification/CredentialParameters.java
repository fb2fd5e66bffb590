// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.Parameter;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;
import org.keycloak.OAuth2Constants;

/**
 * Reads from the parameters of a request what the caller shows of a person: a token, or a code in its place.
 *
 * <p>Each method throws {@link InvalidParameterException} when a parameter is missing, repeated or too long, or has a
 * value that is not allowed.
 */
public final class CredentialParameters {

    /** The type of a code in RFC 8693, section 3. No such type is registered, so that this is a URN of our own. */
    public static final String CODE_TYPE = "urn:convert-token:token-type:authorization_code";

    /**
     * The type that klausbetz/apple-identity-provider-keycloak gives to codes of Apple, so that apps which send it need
     * no update.
     */
    private static final String CODE_TYPE_OF_APPLE_EXTENSION = "apple-authz-code";

    private static final String TOKEN = "token";
    private static final String TOKEN_TYPE = "token_type";
    private static final int MAX_NAME_LENGTH = 255;

    private CredentialParameters() {}

    /** Reads {@code token}, or {@code code} in its place. */
    public static ExternalCredential in(MultivaluedMap<String, String> parameters) {
        Optional<String> type = Parameter.optional(parameters, TOKEN_TYPE, MAX_NAME_LENGTH);
        if (!haveCode(parameters)) {
            return token(parameters, TOKEN, type, TOKEN_TYPE);
        }
        if (Parameter.optional(parameters, TOKEN, ExternalToken.MAX_LENGTH).isPresent()) {
            throw new InvalidParameterException("Parameters exclude each other: token, code");
        }
        if (type.filter(named -> !isOfCode(named)).isPresent()) {
            throw unsupported(TOKEN_TYPE);
        }
        return code(parameters, OAuth2Constants.CODE);
    }

    /** Returns whether there is a code among the parameters. One without a value counts as omitted. */
    public static boolean haveCode(MultivaluedMap<String, String> parameters) {
        return parameters.getOrDefault(OAuth2Constants.CODE, List.of()).stream().anyMatch(code -> !code.isEmpty());
    }

    /** Reads {@code subject_token}, which is a code if {@code subject_token_type} says so (RFC 8693, section 2.1). */
    public static ExternalCredential inExchange(MultivaluedMap<String, String> parameters) {
        Optional<String> type = Parameter.optional(parameters, OAuth2Constants.SUBJECT_TOKEN_TYPE, MAX_NAME_LENGTH);
        if (type.filter(CredentialParameters::isOfCode).isPresent()) {
            return code(parameters, OAuth2Constants.SUBJECT_TOKEN);
        }
        ExternalToken token =
                token(parameters, OAuth2Constants.SUBJECT_TOKEN, type, OAuth2Constants.SUBJECT_TOKEN_TYPE);
        if (type.isEmpty()) {
            throw missing(OAuth2Constants.SUBJECT_TOKEN_TYPE);
        }
        return token;
    }

    private static boolean isOfCode(String type) {
        return type.equals(CODE_TYPE) || type.equals(CODE_TYPE_OF_APPLE_EXTENSION);
    }

    private static ExternalToken token(
            MultivaluedMap<String, String> parameters, String name, Optional<String> type, String typeName) {
        String value = Parameter.required(parameters, name, ExternalToken.MAX_LENGTH);
        // a JWT itself says which kind it is
        Optional<TokenKind> kind = type.filter(named -> !named.equals(OAuth2Constants.JWT_TOKEN_TYPE))
                .map(named -> TokenKind.named(named).orElseThrow(() -> unsupported(typeName)));
        ExternalToken token = new ExternalToken(value, kind, nonce(parameters));
        if (token.value().isEmpty()) {
            throw missing(name);
        }
        return token;
    }

    private static AuthorizationCode code(MultivaluedMap<String, String> parameters, String name) {
        String value = Parameter.required(parameters, name, AuthorizationCode.MAX_LENGTH);
        Optional<String> verifier =
                Parameter.optional(parameters, OAuth2Constants.CODE_VERIFIER, AuthorizationCode.MAX_LENGTH);
        if (verifier.filter(text -> !AuthorizationCode.isCodeVerifier(text)).isPresent()) {
            throw new InvalidParameterException("Invalid parameter: " + OAuth2Constants.CODE_VERIFIER);
        }
        AuthorizationCode code = new AuthorizationCode(
                value,
                verifier,
                Parameter.optional(parameters, OAuth2Constants.REDIRECT_URI, AuthorizationCode.MAX_REDIRECT_URI_LENGTH),
                Parameter.optional(parameters, "app_identifier", MAX_NAME_LENGTH),
                nonce(parameters));
        if (code.value().isEmpty()) {
            throw missing(name);
        }
        return code;
    }

    private static Optional<String> nonce(MultivaluedMap<String, String> parameters) {
        return Parameter.optional(parameters, "nonce", ExternalToken.MAX_NONCE_LENGTH);
    }

    private static InvalidParameterException missing(String name) {
        return new InvalidParameterException("Missing parameter: " + name);
    }

    private static InvalidParameterException unsupported(String name) {
        return new InvalidParameterException("Unsupported " + name);
    }
}
