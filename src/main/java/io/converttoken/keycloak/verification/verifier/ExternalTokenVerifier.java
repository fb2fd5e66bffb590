// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.Revocable;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.SignedJwt;
import java.util.List;
import java.util.Optional;
import org.keycloak.models.FederatedIdentityModel;

/**
 * Proves external tokens of one type of provider. Each method returns the person whom the token names, if the token is
 * genuine, valid now and issued to us. Otherwise it throws {@link ExternalTokenRefusedException}, or
 * {@link ProviderUnavailableException} if the provider cannot be asked. A kind of token that the provider does not
 * offer is refused.
 */
public interface ExternalTokenVerifier {

    default Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        throw new ExternalTokenRefusedException(ReasonCode.TOKEN_KIND_UNSUPPORTED);
    }

    /**
     * Verifies the token as an opaque one, because most providers treat their own access tokens as opaque, JWT or not.
     */
    default Proof verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        return verifyOpaqueToken(token, backend);
    }

    default Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        throw new ExternalTokenRefusedException(ReasonCode.TOKEN_KIND_UNSUPPORTED);
    }

    /**
     * Returns as which client a code is redeemed, or nothing if a server cannot redeem this provider's codes.
     *
     * @throws InvalidParameterException when the caller must say which client asked for the code, or names a wrong one
     */
    default Optional<CodeClient> codeClient(AuthorizationCode code, Backend backend) {
        return Optional.empty();
    }

    /** Verifies what the provider gave for a code, and returns the person as in a browser login. */
    default Proof verifyRedeemed(RedeemedCode redeemed, Backend backend) {
        throw new ExternalTokenRefusedException(ReasonCode.CODE_UNSUPPORTED);
    }

    /** Returns the rules for the provider's ID tokens, if it has ID tokens: who issues them, and where its keys are. */
    default Optional<IdTokenRules> idTokenRules(Backend backend) {
        return Optional.empty();
    }

    /**
     * Returns for which reasons tokens of some kind will always be refused, as long as the identity provider's
     * configuration stays as it is.
     */
    default List<ReasonCode> shortcomings(Backend backend) {
        return List.of();
    }

    /**
     * Returns what of a linked identity can be revoked at the provider, if the backend's mapper wants it.
     *
     * @param link the identity, with the token response that Keycloak stores, if it stores one
     */
    default Optional<Revocable> revocable(FederatedIdentityModel link, Backend backend) {
        return Optional.empty();
    }

    /**
     * Revokes at the provider. It is a success, too, if the provider says that the token is dead already.
     *
     * @throws ExternalTokenRefusedException when the provider does not take our credentials
     * @throws ProviderUnavailableException when the provider cannot be asked
     */
    default void revoke(Revocable revocable, Backend backend) {
        throw new ExternalTokenRefusedException(ReasonCode.PROVIDER_UNSUPPORTED);
    }
}
