// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Revocable;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.GoogleAccount;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.IdTokenRules.AuthorizedParty;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.social.google.GoogleIdentityProvider;
import org.keycloak.social.google.GoogleIdentityProviderConfig;

/**
 * Verifies Google's ID tokens of Sign in with Google
 * (<a href="https://developers.google.com/identity/openid-connect/reference">reference</a>), and its access tokens by
 * tokeninfo.
 */
public final class GoogleVerifier extends IdTokenVerifier {

    private static final String LEGACY_ISSUER = "accounts.google.com";
    private static final String REVOCATION_URL = "https://oauth2.googleapis.com/revoke";
    private static final String ANY_DOMAIN = "*";

    public GoogleVerifier(ProviderCalls calls) {
        super(calls);
    }

    /**
     * On Android, {@code aud} is our web client and {@code azp} the Android client, so that {@code azp} need not be
     * ours. It must be an application all the same, see {@link GoogleAccount}.
     */
    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        idTokens.verify(token, jwt, backend, rules(backend));
        checks.inOrder(
                step(Check.PERSON, () -> requirePerson(jwt.claims().json(), backend)),
                step(Check.DOMAIN, () -> requireHostedDomain(jwt.claims(), backend)));
        return new Proof(OpenIdConnectIdentity.ofIdToken(calls, backend.identityProvider(), token), TokenUse.of(jwt));
    }

    /** A code of an Android or iOS app has an empty redirect address, and that of a popup the word postmessage. */
    @Override
    public Optional<CodeClient> codeClient(AuthorizationCode code, Backend backend) {
        return Optional.of(CodeClients.own(session, code, backend)
                .redirectingTo(code.redirectUri().orElse("")));
    }

    @Override
    public Proof verifyRedeemed(RedeemedCode redeemed, Backend backend) {
        return new OpenIdConnectCodes(calls).verify(redeemed, backend, this);
    }

    @Override
    Optional<String> userInfoUrl(Backend backend) {
        return new GoogleIdentityProviderConfig(backend.identityProvider()).isDisableUserInfoService()
                ? Optional.empty()
                : Optional.of(GoogleIdentityProvider.PROFILE_URL);
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.pinned(
                        backend,
                        GoogleIdentityProvider.JWKS_URL,
                        IdTokenRules.issuer(GoogleIdentityProvider.ISSUER_URL, LEGACY_ISSUER))
                .with(AuthorizedParty.ANYBODY);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(calls, backend.identityProvider());
        JsonNode info = checks.make(Check.INTROSPECTION, () -> tokenInfo(token));
        OptionalLong expiry = OptionalLong.of(info.path("exp").asLong());
        checks.inOrder(
                step(Check.PERSON, () -> requirePerson(info, backend)),
                step(Check.AUDIENCE, () -> Answered.requireOurs(info, "aud", backend.ourClientIds())),
                step(Check.ISSUED_TO, () -> Answered.requireOurs(info, "azp", backend.ourClientIds())),
                step(Check.VALIDITY, () -> Answered.requireUnexpired(expiry)));
        JsonNode profile = checks.make(Check.PROFILE, () -> profile(token));
        checks.inOrder(
                step(
                        Check.SAME_SUBJECT,
                        () -> Answered.requireSameSubject(JsonMembers.requireId(info, "sub"), profile, "sub")),
                step(Check.PERSON, () -> requirePerson(profile, backend)),
                step(Check.DOMAIN, () -> requireHostedDomain(new TokenClaims(profile), backend)));
        return new Proof(
                OpenIdConnectIdentity.ofClaims(session, backend.identityProvider(), profile),
                TokenUse.expiring(token, expiry));
    }

    /** A revoked refresh token takes the access tokens with it. */
    @Override
    public Optional<Revocable> revocable(FederatedIdentityModel link, Backend backend) {
        StoredResponse stored = StoredResponse.of(link);
        return stored.refreshToken()
                .or(stored::accessToken)
                .filter(token -> backend.config().revokeTokens())
                .map(token -> new Revocable(link.getUserId(), backend.clientId(), token));
    }

    @Override
    public void revoke(Revocable revocable, Backend backend) {
        Revoked.require(
                calls.postChange(REVOCATION_URL, request -> request.param("token", revocable.token())),
                "invalid_token");
    }

    private JsonNode tokenInfo(ExternalToken token) {
        ProviderAnswer answer = calls.get(
                GoogleIdentityProvider.TOKEN_INFO_URL, token, (request, value) -> request.param("access_token", value));
        return answer.requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401);
    }

    private JsonNode profile(ExternalToken token) {
        return calls.get(GoogleIdentityProvider.PROFILE_URL, token).requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401, 403);
    }

    private static Finding requirePerson(JsonNode claims, Backend backend) {
        GoogleAccount account = GoogleAccount.of(claims);
        Finding finding = Finding.found(() -> "azp " + account.authorizedParty());
        if (!account.isPerson(backend.ourClientIds())) {
            throw new ExternalTokenRefusedException(ReasonCode.NOT_A_PERSON, finding);
        }
        return finding;
    }

    /**
     * Checks the domain as {@link GoogleIdentityProvider} does: the setting is a list of domains, or a star for any
     * account.
     */
    private static Finding requireHostedDomain(TokenClaims claims, Backend backend) {
        String configured = new GoogleIdentityProviderConfig(backend.identityProvider()).getHostedDomain();
        if (configured == null || configured.equals(ANY_DOMAIN)) {
            return Finding.nothing();
        }
        Optional<String> domain = claims.text("hd");
        Finding finding = Finding.of(() -> configured, () -> domain.or(() -> Optional.of("none")));
        if (domain.filter(List.of(configured.split(",", -1))::contains).isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.DOMAIN_MISMATCH, finding);
        }
        return finding;
    }
}
