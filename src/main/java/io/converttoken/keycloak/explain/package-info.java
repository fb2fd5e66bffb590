/**
 * Says what a conversion would come to and why, and whether a backend is well configured and its provider healthy.
 * Nothing is written, counted or remembered.
 */
@NullMarked
package io.converttoken.keycloak.explain;

import org.jspecify.annotations.NullMarked;
