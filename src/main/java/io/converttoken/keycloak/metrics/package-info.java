/** What Keycloak's metrics tell of us: names, labels and the values they may have. */
@NullMarked
package io.converttoken.keycloak.metrics;

import org.jspecify.annotations.NullMarked;
