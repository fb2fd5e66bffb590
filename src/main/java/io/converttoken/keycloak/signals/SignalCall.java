// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.refusal.RefusedCall;
import io.converttoken.keycloak.signals.LinkedPeople.Linked;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderStatements;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.headers.SecurityHeadersProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * A call by which a provider tells that something happened to a person. The signal is proven before anything is looked
 * up or written, and everything is in force before it is acknowledged.
 */
public final class SignalCall {

    private static final String UNKNOWN_KIND = "unknown";
    private static final String REFUSED = "refused";

    private final KeycloakSession session;
    private final RealmModel realm;
    private final Backend backend;
    private final SignalContext context;
    private final EventBuilder event;
    private Optional<Kind> kind = Optional.empty();

    private SignalCall(KeycloakSession session, Backend backend, String address) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.backend = backend;
        this.context = new SignalContext(session, backend, new ProviderStatements(session, backend), address);
        this.event = newEvent(EventType.REVOKE_GRANT);
    }

    /**
     * Returns the call, if the backend takes signals.
     *
     * @param name the name of the backend in the address
     */
    public static Optional<SignalCall> of(KeycloakSession session, String name) {
        boolean isPlain = name.indexOf('\0') < 0; // PostgreSQL does not take it
        String address =
                session.getContext().getUri().getAbsolutePath().toString().replaceFirst("/+$", "");
        return isPlain
                ? new Backends(session).takingSignals(name).map(backend -> new SignalCall(session, backend, address))
                : Optional.empty();
    }

    /** Carries the signal out, and answers. */
    public Response answer(Supplier<RawRequest> unread) {
        try {
            Supplier<Signal> proven = context.statements().counted(() -> {
                RawRequest request = unread.get();
                return reader(request).prove(request);
            });
            return carryOut(proven.get());
        } catch (RuntimeException e) {
            return refused(RefusalTable.of(e).orElseThrow(() -> e));
        }
    }

    private SignalReader reader(RawRequest request) {
        if (request.form().isPresent()) {
            return ofForm(request.form().get());
        }
        if (request.header(GitHubReader.EVENT).isPresent()) {
            return of(Kind.GITHUB, new GitHubReader(context));
        }
        boolean isObject = new String(request.body(), StandardCharsets.UTF_8)
                .stripLeading()
                .startsWith("{");
        if (!isObject) {
            return of(Kind.SECURITY_EVENT, new SecurityEventReader(context));
        }
        JsonNode object = SignalJson.object(request.body());
        return object.has(AppleReader.PAYLOAD)
                ? of(Kind.APPLE, new AppleReader(context, object))
                : of(Kind.GLOBAL_TOKEN_REVOCATION, new GlobalTokenRevocationReader(context, object));
    }

    private SignalReader ofForm(FormRequest form) {
        if (form.has(LogoutTokenReader.PARAMETER)) {
            return of(Kind.BACKCHANNEL_LOGOUT, new LogoutTokenReader(context));
        }
        if (form.has(FacebookReader.PARAMETER)) {
            return of(Kind.FACEBOOK, new FacebookReader(context));
        }
        throw NotUnderstood.because("a form without logout_token and signed_request");
    }

    private SignalReader of(Kind found, SignalReader reader) {
        kind = Optional.of(found);
        return reader;
    }

    private Response carryOut(Signal signal) {
        Outcome outcome = signal.meaning() == Meaning.NOTED ? Outcome.of(Outcome.Status.NOTED) : once(signal);
        backend.meters(session).signal(signal.kind().code(), outcome.code());
        session.getProvider(SecurityHeadersProvider.class).options().allowEmptyContentType();
        if (signal.kind() != Kind.FACEBOOK) {
            return SignalAnswers.taken(signal.kind(), outcome);
        }
        String code =
                Deletion.of(outcome).store(session, backend.identityProvider().getInternalId());
        return SignalAnswers.deletion(context.address() + "/deletions/" + code, code);
    }

    /** A call that one JWT proves may be made once. Any other signal that comes again is acknowledged. */
    private Outcome once(Signal signal) {
        RepeatedSignals repeated = new RepeatedSignals(session, backend);
        if (signal.kind() == Kind.GLOBAL_TOKEN_REVOCATION) {
            if (!repeated.note(signal)) {
                throw new ExternalTokenRefusedException(ReasonCode.TOKEN_ALREADY_USED);
            }
            return forEach(signal);
        }
        if (repeated.contain(signal)) {
            return Outcome.of(Outcome.Status.REPEATED);
        }
        Outcome outcome = forEach(signal);
        repeated.note(signal);
        return outcome;
    }

    private Outcome forEach(Signal signal) {
        List<Linked> people =
                new LinkedPeople(session, backend.alias()).find(signal.whom().orElseThrow());
        return people.stream()
                .map(linked -> carryOut(signal, linked))
                .reduce(Outcome::and)
                .orElseGet(() -> Outcome.of(Outcome.Status.UNKNOWN_PERSON));
    }

    private Outcome carryOut(Signal signal, Linked linked) {
        Outcome outcome = new SignalExecutor(session, backend).carryOut(signal, linked);
        if (outcome.status() == Outcome.Status.CARRIED_OUT) {
            tell(signal, linked, outcome);
        }
        return outcome;
    }

    private void tell(Signal signal, Linked linked, Outcome outcome) {
        newEvent(EventType.REVOKE_GRANT)
                .user(linked.user())
                .detail("signal", signal.type())
                .detail("signal_kind", signal.kind().code())
                .detail("sessions", Integer.toString(outcome.sessions()))
                .detail("offline_sessions", Integer.toString(outcome.offlineSessions()))
                .detail("account", outcome.change().code())
                .success();
        if (outcome.change() == AccountChange.DISCONNECTED) {
            newEvent(EventType.REMOVE_FEDERATED_IDENTITY)
                    .user(linked.user())
                    .detail(Details.IDENTITY_PROVIDER_USERNAME, linked.link().getUserName())
                    .success();
        }
    }

    private EventBuilder newEvent(EventType type) {
        return new EventBuilder(realm, session, session.getContext().getConnection())
                .event(type)
                .detail(Details.IDENTITY_PROVIDER, backend.alias());
    }

    private Response refused(RefusedCall refusal) {
        backend.meters(session).signal(kind.map(Kind::code).orElse(UNKNOWN_KIND), REFUSED);
        kind.ifPresent(found -> event.detail("signal_kind", found.code()));
        refusal.tell(event);
        return SignalAnswers.refused(kind, refusal);
    }
}
