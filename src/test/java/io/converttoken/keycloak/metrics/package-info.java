@NullMarked
package io.converttoken.keycloak.metrics;

import org.jspecify.annotations.NullMarked;
