/** Locks that hold on all nodes at once. */
@NullMarked
package io.converttoken.keycloak.cluster;

import org.jspecify.annotations.NullMarked;
