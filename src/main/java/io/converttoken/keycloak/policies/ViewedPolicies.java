package io.converttoken.keycloak.policies;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.representations.idm.ClientPolicyExecutorConfigurationRepresentation;
import org.keycloak.services.clientpolicy.ClientPolicyContext;
import org.keycloak.services.clientpolicy.ClientPolicyException;
import org.keycloak.services.clientpolicy.ClientPolicyManager;
import org.keycloak.services.clientpolicy.DefaultClientPolicyManager;
import org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider;

/**
 * Keycloak's own manager of client policies, which decides which of them apply, over a session in which it finds executors
 * that see a view. Keycloak 26.7 shows one request to conditions and executors.
 */
public final class ViewedPolicies implements InvocationHandler {

    private final KeycloakSession session;
    private final ExecutorView view;

    private ViewedPolicies(KeycloakSession session, ExecutorView view) {
        this.session = session;
        this.view = view;
    }

    public static ClientPolicyManager of(KeycloakSession session, ExecutorView view) {
        return new DefaultClientPolicyManager((KeycloakSession) Proxy.newProxyInstance(
                ViewedPolicies.class.getClassLoader(),
                new Class<?>[] {KeycloakSession.class},
                new ViewedPolicies(session, view)));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        Object result = call(method, arguments);
        return result instanceof ClientPolicyExecutorProvider<?> executor ? new Viewing<>(executor, view) : result;
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(session, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
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
