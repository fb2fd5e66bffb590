/** What an external token says about itself: parsing, claims, kinds, nonce. Nothing here calls anybody. */
@NullMarked
package io.converttoken.keycloak.verification.token;

import org.jspecify.annotations.NullMarked;
