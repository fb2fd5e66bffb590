// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class the running Keycloak, and a realm and a fake provider of its own.
 *
 * <p>Parameters: {@link KeycloakServer}, {@link AdminApi}, {@link SocialHosts} and {@link ObservedKeycloak}, the same for all classes of a run, the server started when first asked for; {@link TestRealm} and
 * {@link FakeProvider}, made when first asked for and removed after the (outermost) test class. Before each test the
 * fake providers forget how they were told to misbehave and what they were asked.
 */
public final class KeycloakExtension implements BeforeEachCallback, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(KeycloakExtension.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        socialHosts(context).reset();
        FakeProvider provider = topLevelClass(context).getStore(NAMESPACE).get(FakeProvider.class, FakeProvider.class);
        if (provider != null) {
            provider.reset();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == KeycloakServer.class
                || type == AdminApi.class
                || type == SocialHosts.class
                || type == ObservedKeycloak.class
                || type == TestRealm.class
                || type == FakeProvider.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == KeycloakServer.class) {
            return server(context);
        }
        if (type == AdminApi.class) {
            return server(context).admin();
        }
        if (type == SocialHosts.class) {
            return socialHosts(context);
        }
        if (type == ObservedKeycloak.class) {
            return observed(context);
        }
        if (type == TestRealm.class) {
            return ofClass(context, TestRealm.class, () -> TestRealm.createIn(server(context)));
        }
        return ofClass(context, FakeProvider.class, FakeProvider::start);
    }

    private static KeycloakServer server(ExtensionContext context) {
        SocialHosts hosts = socialHosts(context);
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(KeycloakServer.class, key -> KeycloakServer.start(hosts), KeycloakServer.class);
    }

    private static ObservedKeycloak observed(ExtensionContext context) {
        SocialHosts hosts = socialHosts(context);
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        ObservedKeycloak.class, key -> ObservedKeycloak.start(hosts), ObservedKeycloak.class);
    }

    private static SocialHosts socialHosts(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        SocialHosts.class, key -> SocialHosts.start(KeycloakServer.directory()), SocialHosts.class);
    }

    private static <T> T ofClass(ExtensionContext context, Class<T> type, Supplier<T> source) {
        return topLevelClass(context).getStore(NAMESPACE).getOrComputeIfAbsent(type, key -> source.get(), type);
    }

    private static ExtensionContext topLevelClass(ExtensionContext context) {
        ExtensionContext candidate = context;
        ExtensionContext parent = candidate.getParent().orElse(candidate);
        while (parent != context.getRoot()) {
            candidate = parent;
            parent = candidate.getParent().orElse(context.getRoot());
        }
        return candidate;
    }
}
