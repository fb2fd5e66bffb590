@NullMarked
package io.converttoken.keycloak.cluster;

import org.jspecify.annotations.NullMarked;
