/** The admin resource {@code /admin/realms/{realm}/auth}, which ends sessions and refresh tokens of any user. */
@NullMarked
package io.converttoken.keycloak.admin;

import org.jspecify.annotations.NullMarked;
