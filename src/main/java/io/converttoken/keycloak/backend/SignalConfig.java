// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import java.util.Optional;

/**
 * What a backend's mapper says about signals, by which its provider tells what happened to a person.
 *
 * @param areTaken whether signals are taken at all
 * @param issuer who signs them, if it is not the identity provider
 * @param keysUrl where the signer's keys are, if they are not those of the identity provider
 * @param secret a reference to the vault, where the secret of a webhook is, if it is not the client secret
 * @param scope whose sessions end
 * @param onAccountDisabled what happens when the provider has disabled the account
 * @param onAccountDeleted what happens when the account at the provider is gone
 */
public record SignalConfig(
        boolean areTaken,
        Optional<String> issuer,
        Optional<String> keysUrl,
        Optional<String> secret,
        Scope scope,
        OnAccountDisabled onAccountDisabled,
        OnAccountDeleted onAccountDeleted) {

    /** Which sessions of the person end. */
    public enum Scope {
        /** Those that came through the backend. */
        BACKEND,
        /** All of them. */
        USER
    }

    /** What happens when the provider has disabled the account. The sessions end in any case. */
    public enum OnAccountDisabled {
        END_SESSIONS,
        DISABLE_USER
    }

    /** What happens when the account at the provider is gone. The sessions end in any case. */
    public enum OnAccountDeleted {
        END_SESSIONS,
        /** Where another way to sign in remains. */
        DISCONNECT,
        DISABLE_USER
    }
}
