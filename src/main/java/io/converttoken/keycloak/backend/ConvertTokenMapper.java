// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.ShownInServerInfo;
import io.converttoken.keycloak.limits.Limits;
import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.metrics.NodeMeters;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.broker.provider.AbstractIdentityProviderMapper;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.IdentityProviderSyncMode;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.provider.ProviderConfigProperty;

/**
 * The mapper that makes an identity provider a backend. It carries configuration and changes nothing in browser logins or
 * when a conversion synchronises the account. It only tells when a token of the provider is being stored.
 */
public final class ConvertTokenMapper extends AbstractIdentityProviderMapper
        implements ServerLimits.Keeper, NodeMeters.Keeper, AppleSecrets.Keeper, ShownInServerInfo {

    public static final String PROVIDER_ID = ServerLimits.Keeper.ID;

    private final BackendWarnings warnings = new BackendWarnings();
    private final NodeMeters nodeMeters = new NodeMeters();
    private final AppleSecrets appleSecrets = new AppleSecrets();
    private @Nullable ServerLimits serverLimits;

    /**
     * Reads the node's limits from options of this factory: {@code --spi-identity-provider-mapper--convert-token--...}.
     */
    @Override
    public void init(Config.Scope options) {
        serverLimits = new ServerLimits(Limits.from(options));
    }

    @Override
    public void postInit(KeycloakSessionFactory factory) {
        factory.register(goneBackends());
    }

    GoneBackends goneBackends() {
        return new GoneBackends(nodeMeters, serverLimits(), warnings);
    }

    @Override
    public NodeMeters nodeMeters() {
        return nodeMeters;
    }

    @Override
    public AppleSecrets appleSecrets() {
        return appleSecrets;
    }

    @Override
    public ServerLimits serverLimits() {
        return Objects.requireNonNull(serverLimits, "not initialised");
    }

    @Override
    public void close() {
        if (serverLimits != null) {
            serverLimits.close();
        }
        nodeMeters.close();
    }

    static boolean isTypeOf(IdentityProviderMapperModel mapper) {
        return PROVIDER_ID.equals(mapper.getIdentityProviderMapper());
    }

    BackendWarnings warnings() {
        return warnings;
    }

    @Override
    public String getId() {
        return PROVIDER_ID;
    }

    @Override
    public String[] getCompatibleProviders() {
        return new String[] {ANY_PROVIDER};
    }

    @Override
    public String getDisplayCategory() {
        return "Token Conversion";
    }

    @Override
    public String getDisplayType() {
        return "Convert Token";
    }

    @Override
    public String getHelpText() {
        return "Lets clients trade this provider's tokens for tokens of the realm, without a browser.";
    }

    @Override
    public List<ProviderConfigProperty> getConfigProperties() {
        return BackendConfig.properties();
    }

    /**
     * Accepts every sync mode, because this mapper synchronises nothing and a refused mode would break browser logins.
     */
    @Override
    public boolean supportsSyncMode(IdentityProviderSyncMode syncMode) {
        return true;
    }

    /** This is the only method that Keycloak calls in every browser login, whatever the sync mode is. */
    @Override
    public void preprocessFederatedIdentity(
            KeycloakSession session,
            RealmModel realm,
            IdentityProviderMapperModel mapperModel,
            BrokeredIdentityContext context) {
        if (context.getToken() != null) {
            session.getKeycloakSessionFactory()
                    .publish(new TokenReceived(
                            session,
                            realm,
                            context.getIdpConfig(),
                            new FederatedIdentityModel(
                                    context.getIdpConfig().getAlias(),
                                    context.getId(),
                                    context.getUsername(),
                                    context.getToken())));
        }
    }

    @Override
    public void updateBrokeredUserLegacy(
            KeycloakSession session,
            RealmModel realm,
            UserModel user,
            IdentityProviderMapperModel mapperModel,
            BrokeredIdentityContext context) {
        // nothing to synchronise
    }
}
