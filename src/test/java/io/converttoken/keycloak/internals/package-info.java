@NullMarked
package io.converttoken.keycloak.internals;

import org.jspecify.annotations.NullMarked;
