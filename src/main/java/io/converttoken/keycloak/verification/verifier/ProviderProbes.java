// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks.Step;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.Discovery;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.PublishedKeys;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;

/**
 * Asks a provider whether conversions can work: for its keys, for its metadata, and about a token that nobody has
 * issued. Each probe can fail by itself.
 */
public final class ProviderProbes {

    private final ProviderCalls calls;
    private final ExternalTokenVerifier verifier;
    private final Backend backend;

    public ProviderProbes(ProviderCalls calls, ExternalTokenVerifier verifier, Backend backend) {
        this.calls = calls;
        this.verifier = verifier;
        this.backend = backend;
    }

    /** Returns the probes that make sense for this type of provider, none of which has been made. */
    public List<Step> all() {
        List<Step> probes = new ArrayList<>();
        Optional<OIDCIdentityProviderConfig> keys =
                verifier.idTokenRules(backend).map(IdTokenRules::config);
        keys.ifPresent(config -> {
            PublishedKeys published = new PublishedKeys(calls, config);
            probes.add(new Step(Check.KEYS, published::requireUsable));
            probes.add(new Step(Check.CLOCK, published::requireSameTime));
        });
        if (verifier instanceof OpenIdConnectVerifier) {
            probes.add(new Step(Check.DISCOVERY, () -> new Discovery(calls).requireSame(backend)));
        }
        probes.add(new Step(Check.INTROSPECTION, () -> refusing(() -> verifier.verifyOpaqueToken(madeUp(), backend))));
        if (verifier instanceof OpenIdConnectVerifier openIdConnect) {
            probes.add(new Step(Check.USERINFO, () -> refusing(() -> openIdConnect.userInfo(madeUp(), backend))));
        }
        return probes;
    }

    /** A provider that works says that it does not know the token. Any other answer says what is wrong. */
    private static Finding refusing(Runnable question) {
        try {
            question.run();
        } catch (RefusedException e) {
            ReasonCode code = e.reason().code();
            if (code == ReasonCode.TOKEN_INACTIVE) {
                return Finding.found(() -> e.reason().found());
            }
            if (code == ReasonCode.TOKEN_KIND_UNSUPPORTED) {
                return Finding.found(() -> "access tokens of this provider are not taken");
            }
            throw e;
        }
        throw new ExternalTokenRefusedException(ReasonCode.MADE_UP_TOKEN_ACCEPTED);
    }

    private static ExternalToken madeUp() {
        return new ExternalToken(UUID.randomUUID().toString(), Optional.empty(), Optional.empty());
    }
}
