// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.keycloak.broker.oidc.mappers.AbstractJsonUserAttributeMapper;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.social.bitbucket.BitbucketIdentityProvider;

/**
 * Verifies tokens of Bitbucket Cloud. Nobody can tell for which application such a token was issued
 * (<a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/">users</a>).
 */
public final class BitbucketVerifier extends CallingVerifier {

    public BitbucketVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(calls, backend);
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> calls.get(BitbucketIdentityProvider.USER_URL, token)
                        .requireOk(ReasonCode.TOKEN_INACTIVE, 401, 403));
        if (!profile.path("type").asText().equals("user")) {
            throw new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING);
        }
        BrokeredIdentityContext context = read(profile, backend);
        confirmedPrimaryEmail(token).ifPresent(context::setEmail);
        return new Proof(context, TokenUse.expiring(token, OptionalLong.empty()));
    }

    /**
     * Reads the profile as {@code BitbucketIdentityProvider.extractUserInfo} (Keycloak 26.7.3) does. That method is
     * private and makes a call by itself.
     */
    private static BrokeredIdentityContext read(JsonNode profile, Backend backend) {
        BrokeredIdentityContext context =
                new BrokeredIdentityContext(JsonMembers.requireId(profile, "account_id"), backend.identityProvider());
        JsonMembers.text(profile, "username").ifPresent(context::setUsername);
        JsonMembers.text(profile, "display_name").ifPresent(context::setName);
        AbstractJsonUserAttributeMapper.storeUserProfileForMapper(context, profile, backend.alias());
        return context;
    }

    /** Returns no address if the token's scope does not open the addresses, because an address is never required. */
    private Optional<String> confirmedPrimaryEmail(ExternalToken token) {
        ProviderAnswer answer = calls.get(BitbucketIdentityProvider.USER_EMAIL_URL, token);
        if (!answer.isOk()) {
            return Optional.empty();
        }
        return StreamSupport.stream(answer.body().path("values").spliterator(), false)
                .filter(email -> email.path("is_primary").asBoolean()
                        && email.path("is_confirmed").asBoolean())
                .flatMap(email -> JsonMembers.text(email, "email").stream())
                .findFirst();
    }
}
