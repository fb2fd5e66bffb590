// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.idm.ClientPolicyExecutorConfigurationRepresentation;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.ClientPolicyManager;
import org.keycloak.services.clientpolicy.DefaultClientPolicyManager;
import org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider;

/**
 * Keycloak's own manager of client policies, which decides which of them apply. Its session gives it executors that see
 * the requests of a view. Keycloak 26.7 itself shows the same request to conditions and executors.
 */
public final class ViewedPolicies {

    private ViewedPolicies() {}

    public static ClientPolicyManager of(KeycloakSession session, ExecutorView view) {
        return new DefaultClientPolicyManager(Decorated.as(KeycloakSession.class, session, call -> {
            Object result = call.passedOn();
            return result instanceof ClientPolicyExecutorProvider<?> executor ? new Viewing<>(executor, view) : result;
        }));
    }

    private record Viewing<C extends ClientPolicyExecutorConfigurationRepresentation>(
            ClientPolicyExecutorProvider<C> executor, ExecutorView view) implements ClientPolicyExecutorProvider<C> {

        @Override
        public void executeOnEvent(ClientPolicyContext shownToConditions) throws ClientPolicyException {
            for (ClientPolicyContext request : view.of(getProviderId(), shownToConditions)) {
                executor.executeOnEvent(request);
            }
        }

        @Override
        public void setupConfiguration(C configuration) {
            executor.setupConfiguration(configuration);
        }

        @Override
        public Class<C> getExecutorConfigurationClass() {
            return executor.getExecutorConfigurationClass();
        }

        @Override
        public String getName() {
            return executor.getName();
        }

        @Override
        public String getProviderId() {
            return executor.getProviderId();
        }
    }
}
