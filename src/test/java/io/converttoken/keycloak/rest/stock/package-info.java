/** Calls to Keycloak's own endpoints, and what they came to on one server, for {@code StockComparisonIT}. */
@NullMarked
package io.converttoken.keycloak.rest.stock;

import org.jspecify.annotations.NullMarked;
