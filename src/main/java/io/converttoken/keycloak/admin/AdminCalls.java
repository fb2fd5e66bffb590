// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.admin;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.core.Response;
import java.util.function.Supplier;
import org.keycloak.events.Errors;
import org.keycloak.events.admin.OperationType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.resources.admin.AdminEventBuilder;

/** Turns an exception that refuses a call of an administrator into the answer and the event. */
final class AdminCalls {

    private final KeycloakSession session;
    private final AdminEventBuilder event;

    /** @param event the event of the call, with the type of resource that the call is about */
    AdminCalls(KeycloakSession session, AdminEventBuilder event) {
        this.session = session;
        this.event = event;
    }

    Response carryOut(String operation, Supplier<Response> call) {
        try {
            return call.get();
        } catch (ForbiddenException e) {
            tell(operation, Errors.NOT_ALLOWED, Reason.of(ReasonCode.PERMISSION_MISSING));
            throw e;
        } catch (NotFoundException e) {
            tell(operation, Errors.USER_NOT_FOUND, Reason.of(ReasonCode.USER_UNKNOWN));
            throw e;
        } catch (RuntimeException e) {
            RefusedCall refusal = RefusalTable.of(e).orElseThrow(() -> e);
            tell(operation, refusal.eventError(), refusal.reason());
            return refusal.answer();
        }
    }

    /**
     * Sends the event in a transaction of its own, because the request's transaction is rolled back if Keycloak
     * answers.
     */
    private void tell(String operation, String error, Reason reason) {
        KeycloakModelUtils.runJobInTransaction(session.getKeycloakSessionFactory(), session.getContext(), own -> {
            AdminEventBuilder refused = event(event.clone(own), operation)
                    .detail("reason", reason.code().code())
                    .detail(RefusedCall.REASON_TEXT, reason.text());
            refused.getEvent().setError(error);
            refused.success();
        });
    }

    /** Returns the event of a call that was carried out. */
    AdminEventBuilder event(String operation) {
        return event(event, operation);
    }

    private AdminEventBuilder event(AdminEventBuilder target, String operation) {
        return target.operation(OperationType.ACTION)
                .resourcePath(session.getContext().getUri())
                .detail("operation", operation);
    }
}
