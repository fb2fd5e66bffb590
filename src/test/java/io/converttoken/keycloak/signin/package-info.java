@NullMarked
package io.converttoken.keycloak.signin;

import org.jspecify.annotations.NullMarked;
