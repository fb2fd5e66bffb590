// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.Optional;
import java.util.OptionalLong;
import org.keycloak.broker.oidc.mappers.AbstractJsonUserAttributeMapper;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.social.openshift.OpenshiftV4IdentityProvider;
import org.keycloak.social.openshift.OpenshiftV4IdentityProviderConfig;

/**
 * Verifies tokens of OpenShift 4. To ask for which application a token was issued takes more rights than a login has.
 */
public final class OpenShiftVerifier extends CallingVerifier {

    /** The cluster's first administrator, who has no uid. */
    private static final String KUBE_ADMIN = "kube:admin";

    /**
     * The prefix of the names of service accounts and of the cluster's own parts. The name of a user whom somebody has
     * created cannot contain a colon.
     */
    private static final String OF_THE_SYSTEM = "system:";

    public OpenShiftVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(calls, backend);
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> calls.get(profileUrl(backend), token).requireOk(ReasonCode.TOKEN_INACTIVE, 401, 403));
        checks.inOrder(step(Check.PERSON, () -> requirePerson(profile)));
        BrokeredIdentityContext context = read(profile, backend);
        return new Proof(context, TokenUse.expiring(token, OptionalLong.empty()));
    }

    /** Refuses service accounts and the cluster's own parts, because the API shows a user for them, too. */
    private static Finding requirePerson(JsonNode profile) {
        if (profile.path("metadata").path("name").asText().startsWith(OF_THE_SYSTEM)) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.NOT_A_PERSON, Finding.found(() -> "name that begins with " + OF_THE_SYSTEM));
        }
        return Finding.nothing();
    }

    private static String profileUrl(Backend backend) {
        return Optional.ofNullable(new OpenshiftV4IdentityProviderConfig(backend.identityProvider()).getBaseUrl())
                .map(baseUrl -> baseUrl + OpenshiftV4IdentityProvider.PROFILE_RESOURCE)
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.ADDRESS_NOT_CONFIGURED));
    }

    /**
     * Reads the profile as {@code OpenshiftV4IdentityProvider.extractUserContext} (Keycloak 26.7.3) does. That class
     * makes a call in its constructor.
     */
    private static BrokeredIdentityContext read(JsonNode profile, Backend backend) {
        JsonNode metadata = profile.path("metadata");
        String id = JsonMembers.id(metadata, "uid")
                .or(() -> JsonMembers.text(metadata, "name").filter(KUBE_ADMIN::equals))
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING));
        BrokeredIdentityContext context = new BrokeredIdentityContext(id, backend.identityProvider());
        JsonMembers.text(metadata, "name").ifPresent(context::setUsername);
        JsonMembers.text(profile, "fullName").ifPresent(context::setName);
        AbstractJsonUserAttributeMapper.storeUserProfileForMapper(context, profile, backend.alias());
        return context;
    }
}
