@NullMarked
package io.converttoken.keycloak.limits;

import org.jspecify.annotations.NullMarked;
