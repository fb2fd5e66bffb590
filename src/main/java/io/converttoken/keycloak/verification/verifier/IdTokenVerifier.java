// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import java.util.Optional;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.utils.StringUtil;

/** What the verifiers of providers with ID tokens have in common: the check of such a token, by the provider's rules. */
abstract class IdTokenVerifier extends CallingVerifier {

    final IdTokens idTokens;

    IdTokenVerifier(ProviderCalls calls) {
        super(calls);
        this.idTokens = new IdTokens(calls);
    }

    /** Returns where the browser login fetches the profile, if it fetches one. */
    Optional<String> userInfoUrl(Backend backend) {
        OIDCIdentityProviderConfig config = new OIDCIdentityProviderConfig(backend.identityProvider());
        return config.isDisableUserInfoService()
                ? Optional.empty()
                : Optional.ofNullable(config.getUserInfoUrl()).filter(StringUtil::isNotBlank);
    }

    /** Returns the rules for the ID tokens of this provider. */
    abstract IdTokenRules rules(Backend backend);

    @Override
    public final Optional<IdTokenRules> idTokenRules(Backend backend) {
        return Optional.of(rules(backend));
    }
}
