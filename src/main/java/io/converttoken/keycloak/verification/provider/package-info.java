/** The only room that talks to identity providers: client, deadline, keys, answers. */
@NullMarked
package io.converttoken.keycloak.verification.provider;

import org.jspecify.annotations.NullMarked;
