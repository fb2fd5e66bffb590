@NullMarked
package io.converttoken.keycloak.verification;

import org.jspecify.annotations.NullMarked;
