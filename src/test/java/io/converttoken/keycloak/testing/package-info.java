/** The test bench: a real Keycloak with the built JAR, realms made for one test class, and an outside world on loopback. */
@NullMarked
package io.converttoken.keycloak.testing;

import org.jspecify.annotations.NullMarked;
