@NullMarked
package io.converttoken.keycloak;

import org.jspecify.annotations.NullMarked;
