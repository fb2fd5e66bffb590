@NullMarked
package io.converttoken.keycloak.invalidation;

import org.jspecify.annotations.NullMarked;
