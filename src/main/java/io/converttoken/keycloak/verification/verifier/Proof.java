// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.token.TokenUse;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.provider.BrokeredIdentityContext;

/**
 * The result of a verifier: the person whom an external token names. The token is genuine, valid now and issued to us.
 *
 * @param person the person in the form in which Keycloak's brokering handles persons, as in a browser login
 * @param use what must be remembered of the token
 */
public record Proof(BrokeredIdentityContext person, TokenUse use) {

    /** The length of columns in Keycloak's tables FEDERATED_IDENTITY and OFFLINE_USER_SESSION. */
    private static final int MAX_NAME_LENGTH = 255;

    private static final int MAX_SESSION_ID_LENGTH = 1024;

    /**
     * @throws ExternalTokenRefusedException when the token names nobody, or when Keycloak cannot store what it says of
     *     the person
     */
    public Proof {
        if (person.getId() == null || person.getId().isBlank()) {
            throw new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING);
        }
        requireStorable(person.getId(), MAX_NAME_LENGTH);
        requireStorable(person.getUsername(), MAX_NAME_LENGTH);
        requireStorable(person.getEmail(), MAX_NAME_LENGTH);
        requireStorable(person.getBrokerSessionId(), MAX_SESSION_ID_LENGTH);
    }

    private static void requireStorable(@Nullable String text, int maxLength) {
        if (text != null && (text.length() > maxLength || text.chars().anyMatch(Character::isISOControl))) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED);
        }
    }

    /** Shows nothing of the person. */
    @Override
    public String toString() {
        return "Proof";
    }
}
