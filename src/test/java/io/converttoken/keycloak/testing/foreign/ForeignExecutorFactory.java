// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.foreign;

import java.util.List;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.provider.ProviderConfigProperty;
import org.keycloak.representations.idm.ClientPolicyExecutorConfigurationRepresentation;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.context.ClientModelContext;
import org.keycloak.services.clientpolicy.context.ScopeParameterContext;
import org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider;
import org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProviderFactory;

/** An executor that lets every request pass, refuses every answer, and says then what it has seen until now. */
public final class ForeignExecutorFactory implements ClientPolicyExecutorProviderFactory {

    @Override
    public String getId() {
        return "foreign-executor";
    }

    @Override
    public ClientPolicyExecutorProvider<?> create(KeycloakSession session) {
        return new Executor(session);
    }

    @Override
    public String getHelpText() {
        return "Refuses answers";
    }

    @Override
    public List<ProviderConfigProperty> getConfigProperties() {
        return List.of();
    }

    @Override
    public void init(Config.Scope config) {
        // nothing to configure
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        // nothing to start
    }

    @Override
    public void close() {
        // nothing to stop
    }

    /** What was seen is kept in the session. */
    static final class Executor
            implements ClientPolicyExecutorProvider<ClientPolicyExecutorConfigurationRepresentation> {

        private static final String SEEN = "foreign-executor.seen";

        private final KeycloakSession session;

        Executor(KeycloakSession session) {
            this.session = session;
        }

        @Override
        public void executeOnEvent(ClientPolicyContext context) throws ClientPolicyException {
            String seen = session.getAttributeOrDefault(SEEN, "") + context.getEvent() + client(context) + " ";
            session.setAttribute(SEEN, seen);
            if (context.getEvent().name().endsWith("_RESPONSE")) {
                throw new ClientPolicyException("invalid_request", seen.strip());
            }
        }

        private static String client(ClientPolicyContext context) {
            return context instanceof ClientModelContext client && context instanceof ScopeParameterContext scope
                    ? " of " + client.getClient().getClientId() + " for " + scope.getScopeParameter()
                    : "";
        }

        @Override
        public String getProviderId() {
            return "foreign-executor";
        }
    }
}
