/** What one node spends on providers that do not answer and on callers that bring rubbish; knows neither of them. */
@NullMarked
package io.converttoken.keycloak.limits;

import org.jspecify.annotations.NullMarked;
