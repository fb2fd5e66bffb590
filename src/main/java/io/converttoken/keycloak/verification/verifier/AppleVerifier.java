// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import io.converttoken.keycloak.backend.AppleSecrets;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Revocable;
import io.converttoken.keycloak.verification.provider.AppleLogin;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Optional;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.oidc.OIDCIdentityProviderFactory;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.protocol.oidc.OIDCLoginProtocol;
import org.keycloak.utils.StringUtil;

/**
 * Verifies Apple's identity tokens, for an identity provider of type OpenID Connect. The issuer is a constant, because
 * for days in June 2025 Apple's discovery document named another issuer while the tokens still named this one
 * (<a href="https://developer.apple.com/documentation/signinwithapplerestapi/verifying_a_user">Verifying a user</a>).
 */
public final class AppleVerifier extends IdTokenVerifier {

    private static final String ISSUER = "https://appleid.apple.com";
    private static final String JWKS_URL = "https://appleid.apple.com/auth/keys";
    private static final String TOKEN_URL = "https://appleid.apple.com/auth/token";
    private static final String REVOCATION_URL = "https://appleid.apple.com/auth/revoke";

    public AppleVerifier(ProviderCalls calls) {
        super(calls);
    }

    /** Returns whether a backend is Apple's: by its address, or by the type that klausbetz' extension brings. */
    public static boolean isFor(Backend backend) {
        return isFor(backend.identityProvider());
    }

    /** Returns whether an identity provider is Apple's, as above. */
    public static boolean isFor(IdentityProviderModel identityProvider) {
        return Backend.isOfAppleExtension(identityProvider)
                || OIDCIdentityProviderFactory.PROVIDER_ID.equals(identityProvider.getProviderId())
                        && AppleLogin.isApples(identityProvider.getConfig().get("tokenUrl"));
    }

    /** Apple has no userinfo, and the extension asks for none, whatever its configuration says. */
    @Override
    Optional<String> userInfoUrl(Backend backend) {
        return backend.isOfAppleExtension() ? Optional.empty() : super.userInfoUrl(backend);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        IdTokenRules rules = rules(backend);
        if (isOfOldDevice(jwt) && !backend.config().requireNonce()) {
            idTokens.verifyBesideNonce(jwt, backend, rules);
        } else {
            idTokens.verify(token, jwt, backend, rules);
        }
        return new Proof(OpenIdConnectIdentity.ofIdToken(calls, backend.identityProvider(), token), TokenUse.of(jwt));
    }

    @Override
    public Optional<CodeClient> codeClient(AuthorizationCode code, Backend backend) {
        OIDCIdentityProviderConfig config =
                new OIDCIdentityProviderConfig(new IdentityProviderModel(backend.identityProvider()));
        config.setClientId(clientId(code, backend));
        config.setTokenUrl(TOKEN_URL);
        config.setClientAuthMethod(OIDCLoginProtocol.CLIENT_SECRET_POST);
        if (madeSecret(backend, config.getClientId()).isEmpty() && StringUtil.isBlank(config.getClientSecret())) {
            throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
        }
        AppleLogin apple = new AppleLogin(session, config, backend);
        return Optional.of(
                new CodeClient(config.getClientId(), TOKEN_URL, code.redirectUri(), apple::authenticateTokenRequest));
    }

    /**
     * Returns the client that asked for the code. An app does so by its bundle id and without a redirect address, and a
     * web page by the Services ID and with one.
     */
    private static String clientId(AuthorizationCode code, Backend backend) {
        if (code.appIdentifier().isPresent()) {
            return code.appIdentifier().filter(backend.ourClientIds()::contains).orElseThrow(CodeClients::unknownApp);
        }
        List<String> bundleIds = backend.config().acceptedAudiences().stream()
                .filter(id -> !id.equals(backend.clientId()))
                .toList();
        if (code.redirectUri().isPresent() || bundleIds.isEmpty()) {
            return backend.clientId();
        }
        if (bundleIds.size() > 1) {
            throw new InvalidParameterException(
                    "Missing parameter: app_identifier, because the backend has several bundle ids");
        }
        return bundleIds.get(0);
    }

    @Override
    public Proof verifyRedeemed(RedeemedCode redeemed, Backend backend) {
        return new OpenIdConnectCodes(calls).verify(redeemed, backend, this);
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.pinned(backend, JWKS_URL, IdTokenRules.issuer(ISSUER));
    }

    /** Apple wants the tokens of a deleted account revoked (App Store Review Guideline 5.1.1(v), TN3194). */
    @Override
    public Optional<Revocable> revocable(FederatedIdentityModel link, Backend backend) {
        StoredResponse stored = StoredResponse.of(link);
        return stored.refreshToken()
                .map(token -> new Revocable(
                        link.getUserId(),
                        stored.audienceAmong(backend.ourClientIds()).orElseGet(backend::clientId),
                        token));
    }

    @Override
    public void revoke(Revocable revocable, Backend backend) {
        String secret = clientSecret(backend, revocable.clientId());
        ProviderAnswer answer = calls.postChange(
                REVOCATION_URL,
                request -> request.param("client_id", revocable.clientId())
                        .param("client_secret", secret)
                        .param("token", revocable.token())
                        .param("token_type_hint", "refresh_token"));
        Revoked.require(answer, "invalid_grant", "invalid_token");
    }

    /** Returns the secret of one of our clients. The identity provider's own is good for its own client only. */
    private String clientSecret(Backend backend, String clientId) {
        return madeSecret(backend, clientId)
                .orElseGet(() -> ClientSecret.of(calls, new OAuth2IdentityProviderConfig(backend.identityProvider())));
    }

    /**
     * Returns the secret that is made from a key, or nothing if no key is configured. The identity provider's own secret
     * does not stand in for a key that cannot be read, because of the extension's type it may be the key itself.
     *
     * @throws ExternalTokenRefusedException when the key cannot be read, or the extension's type has none
     */
    private Optional<String> madeSecret(Backend backend, String clientId) {
        Optional<String> made = AppleSecrets.secret(session, backend, clientId);
        boolean isExpected = backend.isOfAppleExtension() || backend.appleKey().isPresent();
        if (isExpected && made.isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.SECRET_NOT_CONFIGURED);
        }
        return made;
    }

    /** Returns whether Apple says, as text or as a boolean, that the device cannot carry a nonce. */
    private static boolean isOfOldDevice(SignedJwt jwt) {
        return !jwt.claims().has("nonce")
                && jwt.claims().json().path("nonce_supported").asText().equals("false");
    }
}
