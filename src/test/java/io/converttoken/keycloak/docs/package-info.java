@NullMarked
package io.converttoken.keycloak.docs;

import org.jspecify.annotations.NullMarked;
