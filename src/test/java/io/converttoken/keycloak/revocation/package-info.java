// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.converttoken.keycloak.revocation;

import org.jspecify.annotations.NullMarked;
