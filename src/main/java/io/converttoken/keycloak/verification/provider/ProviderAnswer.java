// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A provider's answer that could be read. {@code toString} does not show its body.
 *
 * @param address the address that was called, without its query
 * @param status HTTP status
 * @param body the JSON object or list, or a missing node if the body is something else
 * @param jwt the body of an answer with status 200 that is a signed or encrypted JWT; nothing of it is checked
 */
public record ProviderAnswer(String address, int status, JsonNode body, Optional<String> jwt) {

    public boolean isOk() {
        return status == 200;
    }

    /**
     * Returns the JSON object of an answer with status 200.
     *
     * @param refusal why the token is refused if the status is one of {@code tokenIsBad}
     * @param tokenIsBad statuses by which this provider says that the token is at fault
     * @throws ExternalTokenRefusedException for one of these statuses, and for a JWT
     * @throws ProviderUnavailableException for any other status than 200, and for a body that is not an object
     */
    public JsonNode requireOk(ReasonCode refusal, int... tokenIsBad) {
        if (jwt.isPresent()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.ANSWER_UNREADABLE, Finding.found(() -> address + ": a JWT"));
        }
        if (isOk()) {
            if (!body.isObject()) {
                throw new ProviderUnavailableException(ReasonCode.ANSWER_NOT_UNDERSTOOD, address + ": no JSON object");
            }
            return body;
        }
        if (Arrays.stream(tokenIsBad).anyMatch(bad -> bad == status)) {
            throw new ExternalTokenRefusedException(refusal, Finding.found(() -> CallFailure.of(address, status)));
        }
        throw new ProviderUnavailableException(ReasonCode.PROVIDER_ERROR, CallFailure.of(address, status));
    }

    @Override
    public String toString() {
        return "ProviderAnswer[" + status + "]";
    }
}
