// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.docs.DeletionPage;
import io.converttoken.keycloak.http.OAuthError;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.signals.Deletion;
import io.converttoken.keycloak.signals.SignalCall;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.models.KeycloakSession;

/** Admits the signals of providers, which no client and no person sends. A backend that takes none is not there. */
final class Signals {

    private final KeycloakSession session;

    Signals(KeycloakSession session) {
        this.session = session;
    }

    Response answer(String backend, Supplier<RawRequest> unread) {
        return refusal()
                .orElseGet(() -> SignalCall.of(session, backend)
                        .map(call -> call.answer(unread))
                        .orElseGet(() -> notFound("No backend of this name takes signals")));
    }

    /** Says the same where there is no such backend, and where there is no such code. */
    Response deletion(String backend, String code) {
        return refusal()
                .orElseGet(() -> DeletionPage.of(
                        session,
                        backend.indexOf('\0') < 0
                                ? new Backends(session)
                                        .takingSignals(backend)
                                        .flatMap(found -> Deletion.find(
                                                session,
                                                found.identityProvider().getInternalId(),
                                                code))
                                        .map(Signals::shown)
                                : Optional.empty()));
    }

    private static DeletionPage.Shown shown(Deletion deletion) {
        return new DeletionPage.Shown(deletion.when(), deletion.sessions(), deletion.change());
    }

    private Optional<Response> refusal() {
        if (new Bearer(session).isInsecure()) {
            return Optional.of(CallRefusedException.insecure().refusal().answer());
        }
        return session.getContext().getRealm().isEnabled()
                ? Optional.empty()
                : Optional.of(CallRefusedException.ofDisabledRealm().refusal().answer());
    }

    private static Response notFound(String description) {
        return OAuthError.of("not_found", description).answer(Response.Status.NOT_FOUND, Map.of());
    }
}
