// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.internals.Decorated;
import io.converttoken.keycloak.internals.NewUsers;
import io.converttoken.keycloak.internals.UserStorages;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.util.Set;
import org.keycloak.email.EmailSenderProvider;
import org.keycloak.email.EmailTemplateProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserProvider;

/**
 * The session in which authentication flows run without a page. A flow that would send a mail ends, because a caller
 * could make it send the mail again and again. A user whom the flow creates is remembered as new.
 */
final class HeadlessSession {

    private static final Set<Class<?>> MAIL = Set.of(EmailTemplateProvider.class, EmailSenderProvider.class);

    private HeadlessSession() {}

    static KeycloakSession of(KeycloakSession session, Backend backend) {
        return Decorated.as(KeycloakSession.class, session, call -> {
            if (call.isForProvider(MAIL)) {
                throw new InteractionRequiredException(backend, Reason.of(ReasonCode.FLOW_SENDS_MAIL));
            }
            return call.isOf("users") ? users(session) : call.passedOn();
        });
    }

    /** Remembers a user as soon as the flow has created the user, because the flow may still fail. */
    private static UserProvider users(KeycloakSession session) {
        return Decorated.asAllOf(UserProvider.class, session.users(), call -> {
            if (call.isOf("addUser") && AccountTrial.isMadeIn(session) && UserStorages.mayKeepNewUsers(session)) {
                throw new DirectoryEntryNeededException();
            }
            Object result = call.passedOn();
            if (call.isOf("addUser") && result instanceof UserModel user) {
                NewUsers.add(session, user);
            }
            return result;
        });
    }
}
