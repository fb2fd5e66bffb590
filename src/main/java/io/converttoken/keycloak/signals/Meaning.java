// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

/** What a signal means, whichever provider says it, and in which words. */
enum Meaning {
    /** The sessions at the provider have ended, or a grant was withdrawn: the sessions here end. */
    SESSIONS_END,

    /** The provider has disabled the account. */
    ACCOUNT_DISABLED,

    /** The provider has enabled the account again. */
    ACCOUNT_ENABLED,

    /** The account at the provider is gone. */
    ACCOUNT_GONE,

    /** Nothing follows from it. */
    NOTED
}
