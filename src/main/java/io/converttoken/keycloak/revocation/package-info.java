// SPDX-License-Identifier: Apache-2.0
/** Revokes at the provider what it gave for a person, when the person's identity is removed here. */
@NullMarked
package io.converttoken.keycloak.revocation;

import org.jspecify.annotations.NullMarked;
