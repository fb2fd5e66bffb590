/** Our part of Keycloak's metrics: the names, the labels and the values that they may have. */
@NullMarked
package io.converttoken.keycloak.metrics;

import org.jspecify.annotations.NullMarked;
