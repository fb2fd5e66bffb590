// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.OptionalLong;
import org.keycloak.broker.oidc.mappers.AbstractJsonUserAttributeMapper;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.social.instagram.InstagramIdentityProvider;

/**
 * Verifies tokens of Instagram, if Keycloak's feature {@code instagram-broker} is on. Nobody can tell for which
 * application such a token was issued. The API behind it ended in December 2024.
 */
public final class InstagramVerifier extends CallingVerifier {

    private static final String FIELDS =
            InstagramIdentityProvider.PROFILE_FIELDS + "," + InstagramIdentityProvider.LEGACY_ID_FIELD;
    private static final String ID_PREFIX = "graph_";

    public InstagramVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(calls, backend);
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> calls.get(
                                InstagramIdentityProvider.PROFILE_URL,
                                token,
                                (request, value) ->
                                        request.param("access_token", value).param("fields", FIELDS))
                        .requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401, 403));
        return new Proof(read(profile, backend), TokenUse.expiring(token, OptionalLong.empty()));
    }

    /**
     * Reads the profile as {@code InstagramIdentityProvider.doGetFederatedIdentity} (Keycloak 26.7.3) does. That method
     * makes a call by itself.
     */
    private static BrokeredIdentityContext read(JsonNode profile, Backend backend) {
        BrokeredIdentityContext context = new BrokeredIdentityContext(
                ID_PREFIX + JsonMembers.requireId(profile, "id"), backend.identityProvider());
        JsonMembers.text(profile, "username").ifPresent(context::setUsername);
        JsonMembers.id(profile, InstagramIdentityProvider.LEGACY_ID_FIELD).ifPresent(context::setLegacyId);
        AbstractJsonUserAttributeMapper.storeUserProfileForMapper(context, profile, backend.alias());
        return context;
    }
}
