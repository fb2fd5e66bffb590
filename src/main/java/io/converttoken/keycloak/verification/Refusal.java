// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import java.util.EnumSet;
import java.util.Set;

/**
 * The reason why an external token is refused. The event tells the reason; the caller is told only that the token is
 * not valid.
 */
public enum Refusal {
    MALFORMED("external token is malformed"),
    UNSUPPORTED_TOKEN("external token is of a kind that the backend cannot verify"),
    UNSUPPORTED_PROVIDER("identity provider type is not supported"),
    KIND_NOT_ACCEPTED("external token is of a kind that the backend does not accept"),
    KIND_MISMATCH("external token is not of the declared type"),
    UNSUPPORTED_ALGORITHM("external token is not signed with an asymmetric algorithm"),
    CRITICAL_HEADER("external token has a critical header that is not understood"),
    UNKNOWN_KEY("external token is signed with an unknown key"),
    BAD_SIGNATURE("external token has an invalid signature"),
    NO_KEYS_CONFIGURED("identity provider has no keys to verify signatures with"),
    NO_ISSUER_CONFIGURED("identity provider has no issuer to compare with"),
    NO_SECRET_CONFIGURED("identity provider has no client secret, or other credentials, to ask with"),
    NO_ADDRESS_CONFIGURED("identity provider has no address to ask at"),
    UNREADABLE_KEYS("identity provider's keys are not a key set where they are looked for"),
    UNREADABLE_ANSWER("identity provider's answer cannot be read, or is not proven to be its own"),
    WRONG_ISSUER("external token is from another issuer"),
    NO_SUBJECT("external token has no subject"),
    NO_EXPIRY("external token has no expiry"),
    EXPIRED("external token is expired"),
    NOT_YET_VALID("external token is not yet valid"),
    NO_ISSUE_TIME("external token has no issue time"),
    ISSUED_IN_FUTURE("external token was issued in the future"),
    TOO_OLD("external token is older than the backend accepts"),
    OTHER_AUDIENCE("external token was issued to another application"),
    OTHER_DOMAIN("account is of another hosted domain than the identity provider takes"),
    NOT_A_PERSON("external token was issued to an application or a service account, not to a person"),
    UNBOUND("nobody can tell for which application the external token was issued"),
    NONCE_MISSING("nonce is required, and the request or the external token has none"),
    NONCE_MISMATCH("nonce does not match"),
    SENDER_CONSTRAINED("external token is bound to a key that the caller has not proven to hold"),
    INACTIVE("external token is not active at the provider"),
    OTHER_SUBJECT("profile is of another subject than the external token"),
    NO_PROFILE("external token opens no profile, and its own subject does not prove whose it is"),
    CLAIM_FILTER("identity provider filters logins by claims, which needs an ID token"),
    PROFILE_REFUSED("identity provider does not take this identity"),
    ALREADY_USED("external token was used before");

    private static final Set<Refusal> PASSING = EnumSet.of(
            NOT_YET_VALID,
            ISSUED_IN_FUTURE,
            NO_SECRET_CONFIGURED,
            NO_ADDRESS_CONFIGURED,
            UNREADABLE_KEYS,
            UNREADABLE_ANSWER);

    private final String reason;

    Refusal(String reason) {
        this.reason = reason;
    }

    /** Returns whether the same token would still be refused a minute later. */
    boolean isFinal() {
        return !PASSING.contains(this);
    }

    /** Returns the precise reason, for the event. */
    String reason() {
        return reason;
    }
}
