package io.converttoken.keycloak.verification;

/** What an external token is: an assertion about a person, or a key to an API that happens to name one. */
public enum TokenKind {
    ID_TOKEN,
    ACCESS_TOKEN
}
