/** {@code /admin/realms/{realm}/auth}: the same for an administrator, about anybody. */
@NullMarked
package io.converttoken.keycloak.admin;

import org.jspecify.annotations.NullMarked;
