/** The API described to people and machines: the OpenAPI document of a realm, and the explorer that shows it. */
@NullMarked
package io.converttoken.keycloak.docs;

import org.jspecify.annotations.NullMarked;
