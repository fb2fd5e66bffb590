@NullMarked
package io.converttoken.keycloak.brokering;

import org.jspecify.annotations.NullMarked;
