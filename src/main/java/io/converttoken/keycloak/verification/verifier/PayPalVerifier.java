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
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.paypal.PayPalIdentityProvider;
import org.keycloak.social.paypal.PayPalIdentityProviderConfig;

/**
 * Verifies access tokens of PayPal. Nobody can tell for which application such a token was issued
 * (<a href="https://developer.paypal.com/api/identity/v1">Identity</a>).
 */
public final class PayPalVerifier extends CallingVerifier {

    public PayPalVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(calls, backend);
        Reader paypal = new Reader(session, new PayPalIdentityProviderConfig(backend.identityProvider()));
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> calls.get(paypal.profileUrl(), token).requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401, 403));
        JsonMembers.requireId(profile, "user_id");
        return new Proof(paypal.read(profile), TokenUse.expiring(token, OptionalLong.empty()));
    }

    /** Reads profiles as the browser login does, and knows whether the sandbox is configured. */
    private static final class Reader extends PayPalIdentityProvider {

        Reader(KeycloakSession session, PayPalIdentityProviderConfig config) {
            super(session, config);
        }

        BrokeredIdentityContext read(JsonNode profile) {
            return extractIdentityFromProfile(null, profile);
        }

        String profileUrl() {
            return getConfig().getUserInfoUrl();
        }
    }
}
