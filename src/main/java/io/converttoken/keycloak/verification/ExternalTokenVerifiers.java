package io.converttoken.keycloak.verification;

import static java.util.Map.entry;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.limits.FailedConversions;
import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.keycloak.broker.oauth.OAuth2IdentityProviderFactory;
import org.keycloak.broker.oidc.KeycloakOIDCIdentityProviderFactory;
import org.keycloak.broker.oidc.OIDCIdentityProviderFactory;
import org.keycloak.common.util.Time;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.SingleUseObjectProvider;
import org.keycloak.models.utils.KeycloakModelUtils;
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

/** Chooses the verifier by the identity provider's type. A type without one is refused. */
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

    private static final String SINGLE_USE_KEY = "convert-token:";

    private final KeycloakSession session;

    public ExternalTokenVerifiers(KeycloakSession session) {
        this.session = session;
    }

    /**
     * The person that an external token names.
     *
     * @throws ExternalTokenRefusedException when the token is not genuine, not valid now, or not ours
     * @throws ProviderUnavailableException when the provider can not be asked
     * @throws TooManyFailuresException when too much was refused that came from the same address
     */
    public VerifiedIdentity verify(ExternalToken token, Backend backend) {
        FailedConversions.Client client = client(backend);
        client.requireRoom();
        try (ProviderAccess access = ProviderAccess.of(session, backend)) {
            return verify(token, backend, new ProviderCalls(access));
        } catch (ExternalTokenRefusedException e) {
            client.failed();
            throw e;
        }
    }

    /**
     * By the address that events have. Keycloak's other one, {@code getRemoteAddr}, is null (26.7.3) where a proxy forwards
     * an IPv6 address in the form of RFC 7239, and all those callers would be one.
     */
    private FailedConversions.Client client(Backend backend) {
        return ServerLimits.of(session)
                .failedConversions()
                .of(
                        ProviderAccess.id(session, backend),
                        session.getContext().getConnection().getRemoteHost());
    }

    private static VerifiedIdentity verify(ExternalToken token, Backend backend, ProviderCalls calls) {
        ExternalTokenVerifier verifier = verifierFor(backend, calls);
        if (!token.isWellFormed()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        ExternalToken readable = new Decryption(calls.session())
                .decrypt(token.value())
                .map(token::withValue)
                .orElse(token);
        Optional<SignedJwt> signed = SignedJwt.in(readable.value());
        if (signed.isEmpty()) {
            AcceptedKinds.require(TokenKinds.ofOpaqueToken(), token, backend);
            return RefusedBefore.orElse(token, calls.access(), () -> verifier.verifyOpaqueToken(token, backend))
                    .keeping(token);
        }
        SignedJwt jwt = signed.get();
        TokenKinds kinds = jwt.kinds(backend.ourClientIds());
        TokenKind kind = AcceptedKinds.require(kinds, token, backend);
        AcceptedKinds.requireRulesOfTheOther(kinds, kind, jwt.claims(), backend);
        return kind == TokenKind.ID_TOKEN
                ? verifier.verifyIdToken(readable, jwt, backend)
                : RefusedBefore.orElse(token, calls.access(), () -> verifier.verifyJwtAccessToken(token, jwt, backend))
                        .keeping(token);
    }

    private static ExternalTokenVerifier verifierFor(Backend backend, ProviderCalls calls) {
        if (AppleVerifier.isFor(backend)) {
            return new AppleVerifier(calls);
        }
        Function<ProviderCalls, ExternalTokenVerifier> verifier = BY_PROVIDER_ID.get(backend.providerId());
        if (verifier == null) {
            throw new ExternalTokenRefusedException(Refusal.UNSUPPORTED_PROVIDER);
        }
        return verifier.apply(calls);
    }

    /**
     * Uses the token up where the backend wants that, on all nodes at once; a second caller is refused, and so is a token
     * of which nobody knows how long it must be remembered. If the session's transaction is rolled back, the token is as
     * good as before.
     */
    public void redeem(VerifiedIdentity identity) {
        if (!identity.backend().config().singleUse()) {
            return;
        }
        long remaining = identity.tokenUse()
                .remaining(
                        Time.currentTimeSeconds(),
                        Issuers.clockSkew(identity.backend().identityProvider()))
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_EXPIRY));
        if (!session.getProvider(SingleUseObjectProvider.class).putIfAbsent(key(identity), remaining)) {
            client(identity.backend()).failed();
            throw new ExternalTokenRefusedException(Refusal.ALREADY_USED);
        }
        session.getTransactionManager().enlistAfterCompletion(new GivenBack(identity));
    }

    /** Where the transaction comes to nothing, whoever is to blame, so does the use: the person may come again with the token. */
    private final class GivenBack extends AbstractKeycloakTransaction {

        private final String key;

        GivenBack(VerifiedIdentity identity) {
            this.key = key(identity);
        }

        @Override
        protected void commitImpl() {
            // used for good
        }

        @Override
        protected void rollbackImpl() {
            KeycloakModelUtils.runJobInTransaction(
                    session.getKeycloakSessionFactory(),
                    own -> own.getProvider(SingleUseObjectProvider.class).remove(key));
        }
    }

    private static String key(VerifiedIdentity identity) {
        return SINGLE_USE_KEY
                + identity.backend().identityProvider().getInternalId()
                + ":"
                + identity.tokenUse().digest();
    }
}
