// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static io.converttoken.keycloak.reason.Checks.step;
import static java.util.Map.entry;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.limits.FailedConversions;
import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Checks.Step;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.provider.CallAllowance;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.AcceptedKinds;
import io.converttoken.keycloak.verification.token.Decryption;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenKinds;
import io.converttoken.keycloak.verification.verifier.AppleVerifier;
import io.converttoken.keycloak.verification.verifier.BitbucketVerifier;
import io.converttoken.keycloak.verification.verifier.ExternalTokenVerifier;
import io.converttoken.keycloak.verification.verifier.FacebookVerifier;
import io.converttoken.keycloak.verification.verifier.GitHubVerifier;
import io.converttoken.keycloak.verification.verifier.GitLabVerifier;
import io.converttoken.keycloak.verification.verifier.GoogleVerifier;
import io.converttoken.keycloak.verification.verifier.InstagramVerifier;
import io.converttoken.keycloak.verification.verifier.LinkedInVerifier;
import io.converttoken.keycloak.verification.verifier.MicrosoftVerifier;
import io.converttoken.keycloak.verification.verifier.OAuth2Verifier;
import io.converttoken.keycloak.verification.verifier.OpenIdConnectVerifier;
import io.converttoken.keycloak.verification.verifier.OpenShiftVerifier;
import io.converttoken.keycloak.verification.verifier.PayPalVerifier;
import io.converttoken.keycloak.verification.verifier.Proof;
import io.converttoken.keycloak.verification.verifier.ProviderProbes;
import io.converttoken.keycloak.verification.verifier.StackOverflowVerifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.keycloak.broker.oauth.OAuth2IdentityProviderFactory;
import org.keycloak.broker.oidc.KeycloakOIDCIdentityProviderFactory;
import org.keycloak.broker.oidc.OIDCIdentityProviderFactory;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.bitbucket.BitbucketIdentityProviderFactory;
import org.keycloak.social.facebook.FacebookIdentityProviderFactory;
import org.keycloak.social.github.GitHubIdentityProviderFactory;
import org.keycloak.social.gitlab.GitLabIdentityProviderFactory;
import org.keycloak.social.google.GoogleIdentityProviderFactory;
import org.keycloak.social.instagram.InstagramIdentityProviderFactory;
import org.keycloak.social.linkedin.LinkedInOIDCIdentityProviderFactory;
import org.keycloak.social.microsoft.MicrosoftIdentityProviderFactory;
import org.keycloak.social.openshift.OpenshiftV4IdentityProviderFactory;
import org.keycloak.social.paypal.PayPalIdentityProviderFactory;
import org.keycloak.social.stackoverflow.StackoverflowIdentityProviderFactory;

/** Chooses the verifier by the identity provider's type. A type that has no verifier is refused. */
public final class ExternalTokenVerifiers {

    private static final Map<String, Function<ProviderCalls, ExternalTokenVerifier>> BY_PROVIDER_ID = Map.ofEntries(
            entry(OIDCIdentityProviderFactory.PROVIDER_ID, OpenIdConnectVerifier::new),
            entry(KeycloakOIDCIdentityProviderFactory.PROVIDER_ID, OpenIdConnectVerifier::new),
            entry(OAuth2IdentityProviderFactory.PROVIDER_ID, OAuth2Verifier::new),
            entry(GoogleIdentityProviderFactory.PROVIDER_ID, GoogleVerifier::new),
            entry(FacebookIdentityProviderFactory.PROVIDER_ID, FacebookVerifier::new),
            entry(GitHubIdentityProviderFactory.PROVIDER_ID, GitHubVerifier::new),
            entry(MicrosoftIdentityProviderFactory.PROVIDER_ID, MicrosoftVerifier::new),
            entry(LinkedInOIDCIdentityProviderFactory.PROVIDER_ID, LinkedInVerifier::new),
            entry(GitLabIdentityProviderFactory.PROVIDER_ID, GitLabVerifier::new),
            entry(BitbucketIdentityProviderFactory.PROVIDER_ID, BitbucketVerifier::new),
            entry(PayPalIdentityProviderFactory.PROVIDER_ID, PayPalVerifier::new),
            entry(OpenshiftV4IdentityProviderFactory.PROVIDER_ID, OpenShiftVerifier::new),
            entry(StackoverflowIdentityProviderFactory.PROVIDER_ID, StackOverflowVerifier::new),
            entry(InstagramIdentityProviderFactory.PROVIDER_ID, InstagramVerifier::new));

    private static final Set<String> REVOKING =
            Set.of(GoogleIdentityProviderFactory.PROVIDER_ID, FacebookIdentityProviderFactory.PROVIDER_ID);

    private final KeycloakSession session;

    public ExternalTokenVerifiers(KeycloakSession session) {
        this.session = session;
    }

    /**
     * Returns the person whom an external token or a code names.
     *
     * @throws ExternalTokenRefusedException when the token or the code is not genuine, not valid now, or not ours
     * @throws ProviderUnavailableException when the provider cannot be asked
     * @throws TooManyFailuresException when too many tokens from the same address were refused lately
     */
    public VerifiedIdentity verify(ExternalCredential credential, Backend backend) {
        FailedConversions.OfAddress failures = failures(session, backend);
        failures.requireRoom();
        try (CallAllowance access = CallAllowance.of(session, backend)) {
            ProviderCalls calls = new ProviderCalls(access, Checks.UNOBSERVED);
            return credential instanceof AuthorizationCode code
                    ? verify(code, backend, calls)
                    : verify((ExternalToken) credential, backend, calls);
        } catch (ExternalTokenRefusedException e) {
            failures.failed();
            throw e;
        }
    }

    /**
     * Verifies a token as {@link #verify} does, for somebody who wants to know why it converts or not. Nothing is
     * counted, remembered or marked as used.
     *
     * @throws ExternalTokenRefusedException when the token would be refused, also because it was used before
     */
    public VerifiedIdentity explain(ExternalToken token, Backend backend, Checks checks) {
        checks.inOrder(step(Check.LIMIT, () -> {
            failures(session, backend).requireRoom();
            return Finding.nothing();
        }));
        try (CallAllowance access = CallAllowance.trial(session, backend)) {
            VerifiedIdentity identity = verify(token, backend, new ProviderCalls(access, checks));
            if (backend.config().singleUse()) {
                checks.inOrder(step(Check.SINGLE_USE, () -> new SingleUse(session).requireUnused(identity)));
            }
            return identity;
        }
    }

    /**
     * Makes one probe after the other of the backend's provider, see {@link ProviderProbes}. The calls are not counted.
     *
     * @param probed gets each probe, and makes it
     */
    public void probe(Backend backend, Consumer<Step> probed) {
        try (CallAllowance access = CallAllowance.trial(session, backend)) {
            ProviderCalls calls = new ProviderCalls(access, Checks.UNOBSERVED);
            for (Step probe : new ProviderProbes(calls, verifierFor(backend, calls), backend).all()) {
                access.startAnew();
                probed.accept(probe);
            }
        }
    }

    /**
     * Returns for which reasons tokens of some kind will always be refused, and which risks the identity provider's
     * configuration has. The provider is not asked.
     */
    public List<ReasonCode> shortcomings(Backend backend) {
        try (CallAllowance access = CallAllowance.trial(session, backend)) {
            ProviderCalls calls = new ProviderCalls(access, Checks.UNOBSERVED);
            return verifierFor(backend, calls).shortcomings(backend);
        } catch (ExternalTokenRefusedException e) {
            return List.of(e.reason().code());
        }
    }

    /**
     * Returns what of a linked identity can be revoked at the provider, if the backend's mapper wants it. The provider is
     * not asked.
     */
    public Optional<Revocable> revocable(FederatedIdentityModel link, Backend backend) {
        try (CallAllowance access = CallAllowance.trial(session, backend)) {
            return verifierFor(backend, new ProviderCalls(access, Checks.UNOBSERVED))
                    .revocable(link, backend);
        } catch (ExternalTokenRefusedException e) {
            return Optional.empty();
        }
    }

    /** Returns whether anything that an identity provider of this type gives can be revoked. */
    public static boolean canRevoke(IdentityProviderModel identityProvider) {
        return REVOKING.contains(identityProvider.getProviderId()) || AppleVerifier.isFor(identityProvider);
    }

    /**
     * Revokes at the provider, see {@link ExternalTokenVerifier#revoke}.
     *
     * @throws ExternalTokenRefusedException when the provider does not take our credentials, or there are none
     * @throws ProviderUnavailableException when the provider cannot be asked
     */
    public void revoke(Revocable revocable, Backend backend) {
        try (CallAllowance access = CallAllowance.of(session, backend)) {
            verifierFor(backend, new ProviderCalls(access, Checks.UNOBSERVED)).revoke(revocable, backend);
        }
    }

    /**
     * Counts failures by the remote host, which is the address that events have. {@code getRemoteAddr} would be null
     * (26.7.3) where a proxy forwards an IPv6 address in the form of RFC 7239, so that all those callers would count as
     * one.
     */
    static FailedConversions.OfAddress failures(KeycloakSession session, Backend backend) {
        return ServerLimits.of(session)
                .failedConversions()
                .of(
                        CallAllowance.id(session, backend),
                        session.getContext().getConnection().getRemoteHost());
    }

    private static VerifiedIdentity verify(ExternalToken token, Backend backend, ProviderCalls calls) {
        Checks checks = calls.checks();
        ExternalTokenVerifier verifier = checks.make(Check.PROVIDER, () -> verifierFor(backend, calls));
        ExternalToken readable = checks.make(Check.FORMAT, () -> readable(token, calls));
        Optional<SignedJwt> signed = checks.make(
                Check.FORMAT,
                () -> SignedJwt.in(readable.value()),
                jwt -> Finding.found(() -> jwt.isPresent() ? "a JWT" : "an opaque token"));
        if (signed.isEmpty()) {
            kind(TokenKinds.ofOpaqueToken(), token, backend, checks);
            return identity(
                            calls,
                            backend,
                            unlessRefusedBefore(token, calls, () -> verifier.verifyOpaqueToken(token, backend)))
                    .keeping(token);
        }
        SignedJwt jwt = signed.get();
        TokenKinds kinds = checks.make(Check.KIND, () -> jwt.kinds(backend.ourClientIds()));
        TokenKind kind = kind(kinds, token, backend, checks);
        AcceptedKinds.requireRulesOfTheOther(kinds, kind, jwt.claims(), backend, checks);
        if (kind == TokenKind.ID_TOKEN) {
            return identity(calls, backend, verifier.verifyIdToken(readable, jwt, backend));
        }
        return identity(
                        calls,
                        backend,
                        unlessRefusedBefore(token, calls, () -> verifier.verifyJwtAccessToken(token, jwt, backend)))
                .keeping(token);
    }

    private static VerifiedIdentity verify(AuthorizationCode code, Backend backend, ProviderCalls calls) {
        ExternalTokenVerifier verifier = calls.checks().make(Check.PROVIDER, () -> verifierFor(backend, calls));
        return identity(calls, backend, new Codes(calls).verify(code, backend, verifier));
    }

    /** Refuses blanks within, which only a mistake or an attack brings. */
    static Finding requireWellFormed(ExternalCredential credential) {
        if (!credential.isWellFormed()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.TOKEN_MALFORMED,
                    Finding.found(() -> "blanks, or characters that no "
                            + (credential instanceof AuthorizationCode ? "code" : "token") + " has"));
        }
        return Finding.nothing();
    }

    static ExternalToken readable(ExternalToken token, ProviderCalls calls) {
        requireWellFormed(token);
        return new Decryption(calls.session())
                .decrypt(token.value())
                .map(token::withValue)
                .orElse(token);
    }

    private static TokenKind kind(TokenKinds kinds, ExternalToken token, Backend backend, Checks checks) {
        TokenKind kind = checks.make(
                Check.KIND, () -> AcceptedKinds.require(kinds, token, backend), found -> Finding.found(found::code));
        if (kind == TokenKind.ACCESS_TOKEN) {
            checks.inOrder(step(Check.NONCE, () -> AcceptedKinds.requireNoNonce(token, backend)));
        }
        return kind;
    }

    private static Proof unlessRefusedBefore(ExternalToken token, ProviderCalls calls, Supplier<Proof> verification) {
        return RefusedBefore.orElse(token, calls.access(), verification);
    }

    /** This is the only place where a proof becomes an identity. */
    private static VerifiedIdentity identity(ProviderCalls calls, Backend backend, Proof proof) {
        return VerifiedIdentity.of(backend, calls.access(), proof);
    }

    static ExternalTokenVerifier verifierFor(Backend backend, ProviderCalls calls) {
        if (AppleVerifier.isFor(backend)) {
            return new AppleVerifier(calls);
        }
        Function<ProviderCalls, ExternalTokenVerifier> verifier = BY_PROVIDER_ID.get(backend.providerId());
        if (verifier == null) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.PROVIDER_UNSUPPORTED, Finding.of(BY_PROVIDER_ID::keySet, backend::providerId));
        }
        return verifier.apply(calls);
    }

    /**
     * Marks the token as used, on all nodes at once, if the backend wants single use. A second use is refused. A token
     * without a known expiry is refused too, because nobody knows how long it must be remembered. If the session's
     * transaction is rolled back, the token can be used again.
     *
     * @throws ExternalTokenRefusedException when the token was used before, or when its expiry is not known
     */
    public void redeem(VerifiedIdentity identity) {
        if (!identity.backend().config().singleUse()) {
            return;
        }
        try {
            new SingleUse(session).take(identity);
        } catch (ExternalTokenRefusedException e) {
            failures(session, identity.backend()).failed();
            throw e;
        }
    }
}
