package io.converttoken.keycloak.brokering;

import org.keycloak.models.UserModel;

/**
 * The realm's user behind a verified identity, free to sign in.
 *
 * @param user the user
 * @param isNew whether this call created the account
 */
public record BrokeredUser(UserModel user, boolean isNew) {}
