// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A provider's authorization code (RFC 6749, section 1.3.1), as a native SDK gives it to an app. Only the provider can
 * tell what it is good for. Blanks and line ends around the code are removed, as with an {@link ExternalToken}.
 *
 * @param value the code
 * @param codeVerifier the secret of the app that asked for the code (RFC 7636, section 4.1)
 * @param redirectUri the redirect address with which the code was asked for, if it was one
 * @param appIdentifier the client id at the provider that asked for the code, if the caller names it
 * @param nonce the nonce that the app put into its request, if the caller sends it
 */
public record AuthorizationCode(
        String value,
        Optional<String> codeVerifier,
        Optional<String> redirectUri,
        Optional<String> appIdentifier,
        Optional<String> nonce)
        implements ExternalCredential {

    /** The maximum length of a code, in characters. */
    public static final int MAX_LENGTH = 4096;

    /** The maximum length of a redirect address, in characters. */
    public static final int MAX_REDIRECT_URI_LENGTH = 2000;

    private static final Pattern CODE_VERIFIER = Pattern.compile("[A-Za-z0-9._~-]{43,128}");

    public AuthorizationCode {
        value = value.strip();
    }

    /** Returns whether a text is a code verifier by RFC 7636, section 4.1. */
    public static boolean isCodeVerifier(String text) {
        return CODE_VERIFIER.matcher(text).matches();
    }

    @Override
    public String toString() {
        return "AuthorizationCode[redacted]";
    }
}
