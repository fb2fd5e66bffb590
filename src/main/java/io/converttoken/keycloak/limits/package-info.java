/**
 * Limits what one node spends on providers that do not answer and on callers that send bad tokens; it makes no call
 * itself.
 */
@NullMarked
package io.converttoken.keycloak.limits;

import org.jspecify.annotations.NullMarked;
