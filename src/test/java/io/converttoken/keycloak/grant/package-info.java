@NullMarked
package io.converttoken.keycloak.grant;

import org.jspecify.annotations.NullMarked;
