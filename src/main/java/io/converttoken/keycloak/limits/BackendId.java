package io.converttoken.keycloak.limits;

/**
 * A backend, by ids that no other one gets.
 *
 * @param realm the realm's id
 * @param identityProvider the identity provider's internal id
 */
public record BackendId(String realm, String identityProvider) {}
