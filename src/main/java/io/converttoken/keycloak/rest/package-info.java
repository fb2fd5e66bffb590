/** The realm resource {@code /realms/{realm}/auth}, with the paths that drf-social-oauth2 made known. */
@NullMarked
package io.converttoken.keycloak.rest;

import org.jspecify.annotations.NullMarked;
