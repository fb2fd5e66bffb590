package example.appletype;

import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.provider.AbstractIdentityProviderFactory;
import org.keycloak.broker.social.SocialIdentityProvider;
import org.keycloak.broker.social.SocialIdentityProviderFactory;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;

/** Registers a type of identity provider named apple, with the settings of the extension that many realms have. */
public final class AppleTypeFactory extends AbstractIdentityProviderFactory<AppleTypeFactory.Apple>
        implements SocialIdentityProviderFactory<AppleTypeFactory.Apple> {

    /** Reads ID tokens as Keycloak's class for OpenID Connect does. */
    public static final class Apple extends OIDCIdentityProvider
            implements SocialIdentityProvider<OIDCIdentityProviderConfig> {

        Apple(KeycloakSession session, OIDCIdentityProviderConfig config) {
            super(session, config);
            config.setAuthorizationUrl("https://appleid.apple.com/auth/authorize?response_mode=form_post");
            config.setTokenUrl("https://appleid.apple.com/auth/token");
            config.setIssuer("https://appleid.apple.com");
        }
    }

    @Override
    public String getId() {
        return "apple";
    }

    @Override
    public String getName() {
        return "Apple";
    }

    @Override
    public Apple create(KeycloakSession session, IdentityProviderModel model) {
        return new Apple(session, new OIDCIdentityProviderConfig(model));
    }

    @Override
    public OIDCIdentityProviderConfig createConfig() {
        return new OIDCIdentityProviderConfig();
    }
}
