// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest;

import io.converttoken.keycloak.ShownInServerInfo;
import io.converttoken.keycloak.docs.ApiDocs;
import io.converttoken.keycloak.internals.Internals;
import io.converttoken.keycloak.internals.SupportedKeycloak;
import io.converttoken.keycloak.invalidation.Invalidation;
import java.util.Optional;
import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.provider.EnvironmentDependentProviderFactory;
import org.keycloak.services.resource.RealmResourceProvider;
import org.keycloak.services.resource.RealmResourceProviderFactory;

/**
 * Registers {@code /realms/{realm}/auth}. The option {@code --spi-realm-restapi-extension--auth--docs-enabled=false}
 * switches the explorer and the OpenAPI document off.
 */
public final class AuthResourceProviderFactory
        implements RealmResourceProviderFactory, EnvironmentDependentProviderFactory, ShownInServerInfo {

    private static final String DOCS_ENABLED = "docsEnabled";

    private boolean docsEnabled = true;

    @Override
    public String getId() {
        return "auth";
    }

    @Override
    public RealmResourceProvider create(KeycloakSession session) {
        return new AuthResourceProvider(session, docsEnabled ? Optional.of(new ApiDocs(session)) : Optional.empty());
    }

    /** Refuses already in {@code kc.sh build}, so that no image is built with this JAR and an older Keycloak. */
    @Override
    public boolean isSupported(Config.Scope config) {
        SupportedKeycloak.require();
        return true;
    }

    @Override
    public void init(Config.Scope config) {
        SupportedKeycloak.require();
        docsEnabled = config.getBoolean(DOCS_ENABLED, true);
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        Internals.reportAtStart(factory);
        Invalidation.checkAtStart(factory);
    }

    @Override
    public void close() {
        // nothing to stop
    }
}
