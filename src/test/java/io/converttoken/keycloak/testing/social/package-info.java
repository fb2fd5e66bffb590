/** The social providers, at their real host names, as their documentation has them. */
@NullMarked
package io.converttoken.keycloak.testing.social;

import org.jspecify.annotations.NullMarked;
