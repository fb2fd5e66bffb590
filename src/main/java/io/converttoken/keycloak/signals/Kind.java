// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import java.util.Locale;

/** The forms in which providers send signals. */
enum Kind {
    /** A security event token (RFC 8417), as Shared Signals, CAEP, RISC and Google send it. */
    SECURITY_EVENT,

    /** A server-to-server notification of Apple. */
    APPLE,

    /** A global token revocation (draft-parecki-oauth-global-token-revocation), as Okta's Universal Logout sends it. */
    GLOBAL_TOKEN_REVOCATION,

    /** A logout token (OpenID Connect Back-Channel Logout 1.0). */
    BACKCHANNEL_LOGOUT,

    /** A signed request of Facebook: somebody has removed the app, or wants data to be deleted. */
    FACEBOOK,

    /** A webhook of GitHub. */
    GITHUB;

    /** Returns the name in metrics and events. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
