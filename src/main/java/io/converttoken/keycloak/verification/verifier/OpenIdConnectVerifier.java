// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.provider.Introspection;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.SignatureVerifier;
import io.converttoken.keycloak.verification.provider.UserInfo;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.keycloak.broker.oidc.AbstractOAuth2IdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.representations.IDToken;

/** Verifies ID tokens and access tokens of OpenID Connect providers, Keycloak among them. */
public final class OpenIdConnectVerifier extends IdTokenVerifier {

    private final SignatureVerifier signatures;
    private final Introspection introspection;
    private final UserInfo userInfo;

    public OpenIdConnectVerifier(ProviderCalls calls) {
        super(calls);
        this.signatures = new SignatureVerifier(calls);
        this.introspection = new Introspection(calls);
        this.userInfo = new UserInfo(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        idTokens.verify(token, jwt, backend, rules(backend));
        return new Proof(OpenIdConnectIdentity.ofIdToken(calls, backend.identityProvider(), token), TokenUse.of(jwt));
    }

    @Override
    public Optional<CodeClient> codeClient(AuthorizationCode code, Backend backend) {
        return Optional.of(CodeClients.own(session, code, backend));
    }

    @Override
    public Proof verifyRedeemed(RedeemedCode redeemed, Backend backend) {
        return new OpenIdConnectCodes(calls).verify(redeemed, backend, this);
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.of(backend);
    }

    @Override
    public List<ReasonCode> shortcomings(Backend backend) {
        OIDCIdentityProviderConfig config = config(backend);
        return Stream.of(
                        Issuers.of(config).isEmpty() ? ReasonCode.ISSUER_NOT_CONFIGURED : null,
                        SignatureVerifier.hasKeys(config) ? null : ReasonCode.KEYS_NOT_CONFIGURED,
                        Introspection.shortcoming(config, backend).orElse(null),
                        userInfoUrl(backend).isEmpty() ? ReasonCode.PROFILE_MISSING : null,
                        config.isFilteredByClaims() ? ReasonCode.CLAIM_FILTER : null)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Fetches the profile alone, for somebody who wants to know whether the provider gives profiles. */
    Optional<JsonNode> userInfo(ExternalToken token, Backend backend) {
        return userInfoUrl(backend).flatMap(url -> userInfo.fetch(url, token, backend));
    }

    /**
     * Verifies a JWT here if possible. If the provider offers introspection, it is asked about a JWT that names no
     * application or no subject, and about every JWT if no keys are configured.
     */
    @Override
    public Proof verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        OIDCIdentityProviderConfig config = config(backend);
        TokenClaims claims = jwt.claims();
        checks.inOrder(
                step(Check.BINDING, claims::requireBearer),
                step(Check.ISSUER, () -> refuseWhereFromAnotherIssuer(claims, config)),
                step(Check.ISSUED_TO, () -> claims.refuseWhereIssuedToAnother(backend.ourClientIds())));
        if (!SignatureVerifier.hasKeys(config) && Introspection.isOfferedBy(config)) {
            return verifyOpaqueToken(token, backend);
        }
        int skew = Issuers.clockSkew(backend.identityProvider());
        checks.inOrder(
                step(Check.ISSUER, () -> claims.requireIssuer(Issuers.of(config))),
                step(Check.VALIDITY, () -> claims.requireValidAt(Time.currentTimeSeconds(), skew)),
                step(Check.SIGNATURE, () -> signatures.verify(jwt, config)));
        if ((!claims.namesAnApplication() || !claims.has("sub")) && Introspection.isOfferedBy(config)) {
            return verifyOpaqueToken(token, backend);
        }
        checks.inOrder(
                step(Check.ISSUED_TO, () -> claims.requireIssuedTo(backend.ourClientIds())),
                step(Check.PERSON, claims::requirePerson));
        return new Proof(profile(token, backend, claims), TokenUse.of(jwt));
    }

    /** Refuses a token of another issuer before the provider is asked about it. */
    private static Finding refuseWhereFromAnotherIssuer(TokenClaims claims, OIDCIdentityProviderConfig config) {
        boolean isComparable = claims.has("iss") && !Issuers.of(config).isEmpty();
        return isComparable ? claims.requireIssuer(Issuers.of(config)) : Finding.nothing();
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        OIDCIdentityProviderConfig config = config(backend);
        if (Introspection.isOfferedBy(config)) {
            TokenClaims claims =
                    introspection.introspect(token, backend, (AbstractOAuth2IdentityProvider<?>) backend.open(session));
            return new Proof(profile(token, backend, claims), TokenUse.expiring(token, claims.time("exp")));
        }
        UnboundTokens.requireAccepted(calls, backend);
        return new Proof(unboundProfile(token, backend), TokenUse.expiring(token, OptionalLong.empty()));
    }

    /**
     * Returns the profile that userinfo gives for the token. It must be of the same person. Without a profile the
     * person is not known, because some providers put a login name into {@code sub} of access tokens, and the person's
     * id only into userinfo and ID tokens.
     */
    private BrokeredIdentityContext profile(ExternalToken token, Backend backend, TokenClaims claims) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(calls, backend.identityProvider());
        JsonNode profile = profile(token, backend);
        checks.inOrder(step(Check.SAME_SUBJECT, () -> claims.requireSamePerson(new TokenClaims(profile))));
        return OpenIdConnectIdentity.ofClaims(session, backend.identityProvider(), withEmailVerified(profile, claims));
    }

    /** Adds what the token says about the address to a profile that does not say whether the address is verified. */
    private static JsonNode withEmailVerified(JsonNode profile, TokenClaims claims) {
        JsonNode verified = claims.json().path(IDToken.EMAIL_VERIFIED);
        if (profile.hasNonNull(IDToken.EMAIL_VERIFIED) || verified.isMissingNode()) {
            return profile;
        }
        return profile.<ObjectNode>deepCopy().set(IDToken.EMAIL_VERIFIED, verified);
    }

    private BrokeredIdentityContext unboundProfile(ExternalToken token, Backend backend) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(calls, backend.identityProvider());
        JsonNode profile = profile(token, backend);
        checks.inOrder(step(Check.SUBJECT, () -> new TokenClaims(profile).checkSubject()));
        return OpenIdConnectIdentity.ofClaims(session, backend.identityProvider(), profile);
    }

    private JsonNode profile(ExternalToken token, Backend backend) {
        return checks.make(
                Check.PROFILE,
                () -> userInfoUrl(backend)
                        .flatMap(url -> userInfo.fetch(url, token, backend))
                        .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.PROFILE_MISSING)));
    }

    private static OIDCIdentityProviderConfig config(Backend backend) {
        return new OIDCIdentityProviderConfig(backend.identityProvider());
    }
}
