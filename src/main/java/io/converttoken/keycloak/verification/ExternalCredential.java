// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.Optional;

/** What a caller shows of a person at a provider. Nothing about it is proven, and {@code toString} does not show it. */
public sealed interface ExternalCredential permits ExternalToken, AuthorizationCode {

    /** Returns the text that was sent. */
    String value();

    /** Returns the nonce that the caller put into the request for an ID token, if the caller sends one. */
    Optional<String> nonce();
}
