// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import jakarta.ws.rs.core.Response;

/** The body is too large, of a type that is not taken, or not what its type says. */
public final class UnreadableBodyException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final Response.Status status;
    private final String description;

    private UnreadableBodyException(Response.Status status, String description) {
        super(Reason.said(ReasonCode.UNREADABLE_BODY, description));
        this.status = status;
        this.description = description;
    }

    static UnreadableBodyException malformed(String description) {
        return new UnreadableBodyException(Response.Status.BAD_REQUEST, description);
    }

    static UnreadableBodyException tooLarge() {
        return new UnreadableBodyException(Response.Status.REQUEST_ENTITY_TOO_LARGE, "Body is too large");
    }

    static UnreadableBodyException ofAnotherType() {
        return new UnreadableBodyException(Response.Status.UNSUPPORTED_MEDIA_TYPE, "Send a form or a JSON object");
    }

    /** Returns whether only the content is at fault, not the type or the size. */
    boolean isMalformed() {
        return status == Response.Status.BAD_REQUEST;
    }

    /** Returns 400, 413 or 415. */
    public Response.Status status() {
        return status;
    }

    /** Returns a fixed text of ours. */
    public String description() {
        return description;
    }
}
