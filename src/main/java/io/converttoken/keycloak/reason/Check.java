// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import java.util.Locale;

/** What is checked of a call, about in the order in which it is checked. */
public enum Check {
    REQUEST,
    CALLER,
    BACKEND,
    CLIENT,
    SCOPE,
    LIMIT,
    PROVIDER,
    FORMAT,
    KIND,
    CONFIGURATION,
    BINDING,
    ISSUER,
    SUBJECT,
    VALIDITY,
    AGE,
    ISSUED_TO,
    AUDIENCE,
    ALGORITHM,
    KEY,
    SIGNATURE,
    NONCE,
    CODE,
    TOKEN_HASH,
    INTROSPECTION,
    PERSON,
    PROFILE,
    SAME_SUBJECT,
    DOMAIN,
    IDENTITY,
    SINGLE_USE,
    ACCOUNT,

    // of a backend and its provider, without a token
    KEYS,
    CLOCK,
    DISCOVERY,
    USERINFO;

    /** Returns the name that answers and messages have. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
