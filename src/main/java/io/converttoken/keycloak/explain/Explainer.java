// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import static io.converttoken.keycloak.reason.Checks.step;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.brokering.AccountTrial;
import io.converttoken.keycloak.explain.Explanation.Account;
import io.converttoken.keycloak.http.NamedClients;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import io.converttoken.keycloak.refusal.CallRefusedException;
import io.converttoken.keycloak.refusal.RefusalTable;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.ClientModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.protocol.oidc.TokenManager;

/**
 * Explains what a conversion would come to. The classes that decide about conversions decide here, too, in a
 * transaction of their own, which is rolled back. What depends on the request of the client itself is left out: how it
 * authenticates, its origin, and its client policies.
 */
public final class Explainer {

    private final KeycloakSession session;
    private final RealmModel realm;

    private Explainer(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * Explains a conversion.
     *
     * @param backend the name by which the client would call the backend
     * @param mayViewUsers whether the administrator may learn about accounts
     */
    public static Explanation explain(
            KeycloakSession session, String backend, Question question, boolean mayViewUsers) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> {
                    own.getTransactionManager().setRollbackOnly();
                    own.getContext().setHttpRequest(session.getContext().getHttpRequest());
                    return new Explainer(own).explain(backend, question, mayViewUsers);
                },
                "convert-token explanation");
    }

    private Explanation explain(String name, Question question, boolean mayViewUsers) {
        ObservedChecks observed = new ObservedChecks();
        Checks checks = new Checks(observed);
        Advice advice = new Advice(session, Map.of("backend", name, "client", question.clientId()));
        try {
            Account account = converted(name, question, checks, mayViewUsers);
            return new Explanation(Explanation.CONVERTS, null, null, observed.results(advice), account);
        } catch (RefusedException e) {
            observed.refused(e.reason());
            return refused(e, observed, advice);
        }
    }

    private static Explanation refused(RefusedException refusal, ObservedChecks observed, Advice advice) {
        Reason reason = refusal.reason();
        String outcome =
                RefusalTable.of(refusal).orElseThrow(() -> refusal).error().error();
        return new Explanation(outcome, reason.code().code(), reason.text(), observed.results(advice), null);
    }

    /** Follows {@code ConvertTokenGrantType.convert}. */
    private @Nullable Account converted(String name, Question question, Checks checks, boolean mayViewUsers) {
        ClientModel client = checks.make(Check.CLIENT, () -> client(question.clientId()));
        session.getContext().setClient(client);
        Backend backend = new Backends(session).explained(name, checks);
        checks.inOrder(step(Check.CLIENT, () -> Backends.requireAllowed(client, backend)));
        checks.inOrder(step(Check.SCOPE, () -> requireScope(client, question.scope())));
        VerifiedIdentity identity = new ExternalTokenVerifiers(session).explain(question.token(), backend, checks);
        if (!mayViewUsers) {
            return null;
        }
        AccountTrial trial = checks.make(
                Check.ACCOUNT,
                () -> AccountTrial.of(session, identity, client, question.scope()),
                done -> Finding.found(() -> done.outcome().code()));
        return new Account(trial.outcome().code(), trial.userId().orElse(null), identity.subject());
    }

    private ClientModel client(String clientId) {
        ClientModel client = NamedClients.find(session, realm, clientId)
                .orElseThrow(() -> CallRefusedException.invalidClient(ReasonCode.CLIENT_UNKNOWN, clientId));
        if (!client.isEnabled() || client.isBearerOnly()) {
            throw CallRefusedException.invalidClient(ReasonCode.CLIENT_SWITCHED_OFF, clientId);
        }
        return client;
    }

    private Finding requireScope(ClientModel client, Optional<String> scope) {
        Finding finding = Finding.found(() -> scope);
        if (!TokenManager.isValidScope(session, scope.orElse(null), client)) {
            throw CallRefusedException.invalidScope(scope.orElse(""));
        }
        return finding;
    }
}
