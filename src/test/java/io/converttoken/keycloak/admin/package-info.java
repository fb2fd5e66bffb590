@NullMarked
package io.converttoken.keycloak.admin;

import org.jspecify.annotations.NullMarked;
