/** Reads what an external token says about itself: its parts, claims, kind and nonce. Nothing here makes a call. */
@NullMarked
package io.converttoken.keycloak.verification.token;

import org.jspecify.annotations.NullMarked;
