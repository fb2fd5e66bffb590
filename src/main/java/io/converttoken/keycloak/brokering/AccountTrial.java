// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Locale;
import java.util.Optional;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;

/**
 * What would become of an identity's account, found out by the identity provider's own flows in a transaction that must
 * be rolled back.
 *
 * @param outcome what would become of the account
 * @param userId the id of the account, if it exists already
 */
public record AccountTrial(Outcome outcome, Optional<String> userId) {

    private static final String ATTRIBUTE = "convert-token.trial";

    /** What becomes of an account. */
    public enum Outcome {
        SIGNS_IN,
        WOULD_CREATE,
        WOULD_LINK;

        /** Returns the name that answers have. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Tries a sign-in as {@link BrokeredUsers#resolve} does.
     *
     * @param session a session whose transaction will be rolled back
     * @throws InteractionRequiredException as {@link BrokeredUsers#resolve} does
     * @throws UserRefusedException as {@link BrokeredUsers#resolve} does
     */
    public static AccountTrial of(
            KeycloakSession session, VerifiedIdentity identity, ClientModel client, Optional<String> scope) {
        session.setAttribute(ATTRIBUTE, true);
        try {
            return of(new BrokeredUsers(session, new UnsentEvents(session)).resolve(identity, client, scope));
        } catch (DirectoryEntryNeededException e) {
            return new AccountTrial(Outcome.WOULD_CREATE, Optional.empty());
        }
    }

    private static AccountTrial of(BrokeredUser user) {
        if (user.isNew()) {
            return new AccountTrial(Outcome.WOULD_CREATE, Optional.empty());
        }
        return new AccountTrial(
                user.isLinked() ? Outcome.WOULD_LINK : Outcome.SIGNS_IN,
                Optional.of(user.user().getId()));
    }

    /** Returns whether the session only tries a sign-in, of which the log must not speak. */
    static boolean isMadeIn(KeycloakSession session) {
        return session.getAttribute(ATTRIBUTE) != null;
    }
}
