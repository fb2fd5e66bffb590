// SPDX-License-Identifier: Apache-2.0
/** Takes what providers tell about their people, and ends what these people have here. */
@NullMarked
package io.converttoken.keycloak.signals;

import org.jspecify.annotations.NullMarked;
