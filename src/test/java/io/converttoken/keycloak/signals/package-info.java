@NullMarked
package io.converttoken.keycloak.signals;

import org.jspecify.annotations.NullMarked;
