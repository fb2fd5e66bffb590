/** The realm's client policies, where their executors have to see another request than their conditions. */
@NullMarked
package io.converttoken.keycloak.policies;

import org.jspecify.annotations.NullMarked;
