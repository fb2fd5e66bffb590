// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import java.util.Optional;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.broker.oidc.mappers.AbstractJsonUserAttributeMapper;
import org.keycloak.broker.provider.BrokeredIdentityContext;

/**
 * Reads an identity from a profile by the claim names of the configuration, as Keycloak 26.7.3's
 * {@code OAuth2IdentityProvider.doGetFederatedIdentity} does. That method is not used, because it fetches the profile
 * by itself, logs the provider's error bodies and cannot tell a bad token from a provider that is down.
 */
final class OAuth2Identity {

    private final AbstractOAuth2IdentityProvider<?> identityProvider;
    private final OAuth2IdentityProviderConfig config;

    OAuth2Identity(AbstractOAuth2IdentityProvider<?> identityProvider) {
        this.identityProvider = identityProvider;
        this.config = identityProvider.getConfig();
    }

    BrokeredIdentityContext from(JsonNode profile) {
        String id = claim(profile, config.getUserIDClaim())
                .filter(value -> !value.isBlank())
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING));
        Optional<String> email = claim(profile, config.getEmailClaim());
        BrokeredIdentityContext identity = new BrokeredIdentityContext(id, config);
        AbstractJsonUserAttributeMapper.storeUserProfileForMapper(identity, profile, config.getAlias());
        identity.setBrokerUserId(config.getAlias() + "." + id);
        email.ifPresent(identity::setEmail);
        identity.setUsername(
                claim(profile, config.getUserNameClaim()).or(() -> email).orElse(id));
        setName(identity, profile);
        identity.setIdp(identityProvider);
        return identity;
    }

    private void setName(BrokeredIdentityContext identity, JsonNode profile) {
        Optional<String> givenName = claim(profile, config.getGivenNameClaim());
        Optional<String> familyName = claim(profile, config.getFamilyNameClaim());
        givenName.ifPresent(identity::setFirstName);
        familyName.ifPresent(identity::setLastName);
        if (givenName.isEmpty() && familyName.isEmpty()) {
            claim(profile, config.getFullNameClaim()).ifPresent(identity::setName);
        }
    }

    private Optional<String> claim(JsonNode profile, String path) {
        return Optional.ofNullable(identityProvider.getJsonProperty(profile, path));
    }
}
