/** Providers of somebody else's extension, which the tests put next to ours; they run in the server only. */
@NullMarked
package io.converttoken.keycloak.testing.foreign;

import org.jspecify.annotations.NullMarked;
