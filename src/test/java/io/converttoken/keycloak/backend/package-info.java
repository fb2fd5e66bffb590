@NullMarked
package io.converttoken.keycloak.backend;

import org.jspecify.annotations.NullMarked;
