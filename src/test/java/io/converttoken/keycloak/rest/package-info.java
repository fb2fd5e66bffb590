@NullMarked
package io.converttoken.keycloak.rest;

import org.jspecify.annotations.NullMarked;
