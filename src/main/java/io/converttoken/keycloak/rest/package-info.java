/** The realm resource {@code /realms/{realm}/auth}, with the paths of drf-social-oauth2. */
@NullMarked
package io.converttoken.keycloak.rest;

import org.jspecify.annotations.NullMarked;
