// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import java.util.Locale;

/**
 * All reasons for which a call is refused. The code is stable, so that alerts can count by it; the sentence is for
 * people and may change. {@code docs/troubleshooting.md} has a row for each.
 */
public enum ReasonCode {
    // the request
    INVALID_PARAMETER(Check.REQUEST, "parameter is missing, repeated, too long or not allowed"),
    UNREADABLE_BODY(Check.REQUEST, "body cannot be read"),
    SIGNAL_NOT_UNDERSTOOD(Check.REQUEST, "signal is in no known form, or does not say what happened to whom"),
    UNSUPPORTED_GRANT_TYPE(Check.REQUEST, "grant_type is not that of this endpoint"),
    HTTPS_REQUIRED(Check.REQUEST, "HTTPS required"),
    REALM_DISABLED(Check.REQUEST, "realm is not enabled"),
    ORIGIN_NOT_ALLOWED(Check.REQUEST, "origin is not among the web origins of the client"),
    CLIENT_POLICY_ERROR(Check.REQUEST, "client policy refuses the call"),
    SCOPE_INVALID(Check.SCOPE, "scope is not one of the client"),

    // the caller
    BEARER_MISSING(Check.CALLER, "bearer token is missing"),
    BEARER_INVALID(Check.CALLER, "bearer token is not valid"),
    RIGHT_MISSING(Check.CALLER, "bearer token does not carry this right"),
    SIGN_IN_TOO_OLD(Check.CALLER, "sign-in is too old, or its time is not known"),
    PERMISSION_MISSING(Check.CALLER, "administrator does not have the permission for this"),
    USER_UNKNOWN(Check.CALLER, "unknown user"),

    // the backend
    BACKEND_UNKNOWN(Check.BACKEND, "no identity provider or mapper has this name"),
    BACKEND_WITHOUT_MAPPER(Check.BACKEND, "identity provider has no mapper of type convert-token"),
    BACKEND_SWITCHED_OFF(Check.BACKEND, "identity provider is switched off"),
    BACKEND_AMBIGUOUS(Check.BACKEND, "name is claimed by several backends"),
    BACKEND_MISCONFIGURED(Check.BACKEND, "mapper of the backend has a value that makes no sense"),
    CLIENT_UNKNOWN(Check.CLIENT, "unknown client"),
    CLIENT_SWITCHED_OFF(Check.CLIENT, "client is switched off, or for bearer tokens only"),
    CLIENT_NOT_ALLOWED(Check.CLIENT, "client is not allowed to convert tokens of this backend"),

    // limits
    TOO_MANY_FAILURES(Check.LIMIT, "too many conversions have failed for this client address"),
    TOO_MANY_WAITING(Check.LIMIT, "too many conversions wait for identity providers"),
    PROVIDER_PAUSED(Check.LIMIT, "identity provider failed repeatedly, and is not asked for a moment"),
    CALLS_HANG(Check.LIMIT, "all calls to identity providers hang"),
    BUSY(Check.LIMIT, "other requests are changing the same at this moment"),

    // the provider
    PROVIDER_UNSUPPORTED(Check.PROVIDER, "identity provider type is not supported"),
    PROVIDER_UNREACHABLE(Check.PROVIDER, "identity provider does not answer"),
    PROVIDER_ERROR(Check.PROVIDER, "identity provider answers with an error"),
    PROVIDER_REDIRECTS(Check.PROVIDER, "identity provider answers with a redirect"),
    ANSWER_TOO_LONG(Check.PROVIDER, "identity provider's answer is too long"),
    ANSWER_NOT_UNDERSTOOD(Check.PROVIDER, "identity provider's answer is not what it should be"),
    ANSWER_UNREADABLE(Check.PROVIDER, "identity provider's answer cannot be read, or is not proven to be its own"),
    KEYS_UNAVAILABLE(Check.KEY, "keys of the identity provider cannot be loaded"),
    METADATA_UNAVAILABLE(Check.PROVIDER, "identity provider's metadata cannot be read"),

    // what the identity provider's page in the console has
    SECRET_NOT_CONFIGURED(
            Check.CONFIGURATION, "identity provider has no client secret, or other credentials, to ask with"),
    ADDRESS_NOT_CONFIGURED(Check.CONFIGURATION, "identity provider has no address to ask at"),
    TOKEN_UNBOUND(Check.CONFIGURATION, "nobody can tell for which application the external token was issued"),
    CLAIM_FILTER(Check.CONFIGURATION, "identity provider filters logins by claims, which needs an ID token"),
    ISSUER_NOT_CONFIGURED(Check.ISSUER, "identity provider has no issuer to compare with"),
    KEYS_NOT_CONFIGURED(Check.KEY, "identity provider has no keys to verify signatures with"),
    KEYS_UNREADABLE(Check.KEY, "identity provider's keys are not a key set where they are looked for"),

    // the health of a provider
    CLOCK_DIFFERS(Check.CLOCK, "the provider's clock and ours differ"),
    DISCOVERY_MISMATCH(Check.DISCOVERY, "the provider's metadata name other addresses than are configured"),
    MADE_UP_TOKEN_ACCEPTED(Check.INTROSPECTION, "the provider takes a token that nobody has issued"),

    // risks, which refuse nothing
    MAPPER_KEY_UNKNOWN(Check.CONFIGURATION, "mapper has a key that no mapper of this type has"),
    ANY_TENANT(Check.CONFIGURATION, "people of every tenant may sign in"),
    UNSIGNED_LOGOUT_TOKENS(Check.CONFIGURATION, "nobody checks who signed a logout token"),
    UNBOUND_TOKENS_ACCEPTED(Check.CONFIGURATION, "tokens of other applications sign in"),
    EVERY_CLIENT_ALLOWED(Check.CLIENT, "every client of the realm may convert"),
    NO_CLIENT_ALLOWED(Check.CLIENT, "no client may convert"),

    // the external token
    TOKEN_MALFORMED(Check.FORMAT, "external token is malformed"),
    TOKEN_KIND_UNSUPPORTED(Check.KIND, "external token is of a kind that the backend cannot verify"),
    TOKEN_KIND_NOT_ACCEPTED(Check.KIND, "external token is of a kind that the backend does not accept"),
    TOKEN_KIND_MISMATCH(Check.KIND, "external token is not of the declared type"),
    TOKEN_SENDER_CONSTRAINED(Check.BINDING, "external token is bound to a key that the caller has not proven to hold"),
    ISSUER_MISMATCH(Check.ISSUER, "external token is from another issuer"),
    SUBJECT_MISSING(Check.SUBJECT, "external token has no subject"),
    EXPIRY_MISSING(Check.VALIDITY, "external token has no expiry"),
    TOKEN_EXPIRED(Check.VALIDITY, "external token is expired"),
    TOKEN_NOT_YET_VALID(Check.VALIDITY, "external token is not yet valid"),
    TOKEN_ISSUED_IN_FUTURE(Check.VALIDITY, "external token was issued in the future"),
    ISSUE_TIME_MISSING(Check.AGE, "external token has no issue time"),
    TOKEN_TOO_OLD(Check.AGE, "external token is older than the backend accepts"),
    AUDIENCE_MISMATCH(Check.AUDIENCE, "external token was issued to another application"),
    CRITICAL_HEADER(Check.ALGORITHM, "external token has a critical header that is not understood"),
    ALGORITHM_UNSUPPORTED(Check.ALGORITHM, "external token is not signed with an asymmetric algorithm"),
    KEY_UNKNOWN(Check.KEY, "external token is signed with an unknown key"),
    SIGNATURE_INVALID(Check.SIGNATURE, "external token has an invalid signature"),
    NONCE_MISSING(Check.NONCE, "nonce is required, and the request or the external token has none"),
    NONCE_MISMATCH(Check.NONCE, "nonce does not match"),
    TOKEN_INACTIVE(Check.INTROSPECTION, "external token is not active at the provider"),
    NOT_A_PERSON(Check.PERSON, "external token was issued to an application or a service account, not to a person"),
    PROFILE_MISSING(Check.PROFILE, "external token opens no profile, and its own subject does not prove whose it is"),
    SUBJECT_MISMATCH(Check.SAME_SUBJECT, "profile is of another subject than the external token"),
    DOMAIN_MISMATCH(Check.DOMAIN, "account is of another hosted domain than the identity provider takes"),
    PROFILE_REFUSED(Check.IDENTITY, "identity provider does not take this identity"),
    CODE_UNSUPPORTED(Check.CONFIGURATION, "codes of this identity provider cannot be redeemed by a server"),
    CODE_REFUSED(Check.CODE, "identity provider does not take the code"),
    CODE_ALREADY_USED(Check.CODE, "code was tried before"),
    CREDENTIALS_REFUSED(Check.CODE, "identity provider does not take our client's credentials"),
    ID_TOKEN_MISSING(Check.FORMAT, "identity provider gives no ID token for the code"),
    TOKEN_HASH_MISMATCH(Check.TOKEN_HASH, "ID token was not given along with this access token or for this code"),
    TOKEN_ALREADY_USED(Check.SINGLE_USE, "external token was used before"),

    // the account
    LINK_ONLY(Check.ACCOUNT, "identity provider is for account linking only"),
    NO_ACCOUNTS_KEPT(Check.ACCOUNT, "identity provider keeps no accounts"),
    USER_DISABLED(Check.ACCOUNT, "user is disabled"),
    USER_LOCKED(Check.ACCOUNT, "user is locked after failed logins"),
    ACCESS_DENIED(Check.ACCOUNT, "a flow denies access"),
    FLOW_MISSING(Check.ACCOUNT, "identity provider's flow is missing"),
    FLOW_FAILED(Check.ACCOUNT, "flow ended in an error"),
    FLOW_SHOWS_PAGE(Check.ACCOUNT, "flow shows a page"),
    FLOW_SENDS_MAIL(Check.ACCOUNT, "flow would send a mail"),
    ACTION_PENDING(Check.ACCOUNT, "required action or consent is pending"),
    NAME_TAKEN(Check.ACCOUNT, "user name or e-mail address is taken"),
    PROFILE_UNSTORABLE(Check.ACCOUNT, "profile cannot be stored"),
    IDENTITY_LOOKALIKE(
            Check.ACCOUNT, "the database takes another identity, which is linked to an account, for the same"),

    // connecting and disconnecting
    ACCOUNT_WITHOUT_IDENTITIES(Check.ACCOUNT, "account cannot have identities"),
    ACCOUNT_BOUND_TO_ORGANIZATION(Check.ACCOUNT, "account is bound to an organization"),
    LINKING_SWITCHED_OFF(Check.ACCOUNT, "required action of account linking is disabled"),
    IDENTITY_TAKEN(Check.ACCOUNT, "identity is another user's, or the user has another of this backend"),
    IDENTITY_NOT_CONNECTED(Check.ACCOUNT, "identity is not connected"),
    LAST_WAY_TO_SIGN_IN(Check.ACCOUNT, "last way to sign in"),

    // the server
    REFUSED_BY_KEYCLOAK(Check.REQUEST, "Keycloak's own endpoint refuses the call"),
    REFRESH_TOKENS_OVERRULED(Check.REQUEST, "another extension decides about refresh tokens");

    private final Check check;
    private final String sentence;

    ReasonCode(Check check, String sentence) {
        this.check = check;
        this.sentence = sentence;
    }

    /** Returns the code of events, metrics and answers, such as {@code audience_mismatch}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the check that fails for this reason. */
    public Check check() {
        return check;
    }

    String sentence() {
        return sentence;
    }
}
