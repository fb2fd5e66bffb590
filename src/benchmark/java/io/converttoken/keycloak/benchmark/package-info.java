/** Measurements, by {@code mvn -Pbenchmark verify}: not part of the gate. */
@NullMarked
package io.converttoken.keycloak.benchmark;

import org.jspecify.annotations.NullMarked;
