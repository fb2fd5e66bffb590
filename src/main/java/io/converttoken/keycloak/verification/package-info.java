/** Proves that an external token is genuine, valid now and issued to us; all calls to providers are made here. */
@NullMarked
package io.converttoken.keycloak.verification;

import org.jspecify.annotations.NullMarked;
