// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Tests that take minutes because they wait, and that see the same on the stock image. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@DisabledIfSystemProperty(
        named = "keycloak.runtime",
        matches = "container",
        disabledReason = "the limits are the same in a container, and waiting takes minutes")
public @interface SameInContainer {}
