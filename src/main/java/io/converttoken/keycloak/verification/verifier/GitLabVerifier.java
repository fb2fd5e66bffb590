// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.keycloak.broker.oidc.OIDCIdentityProvider;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.gitlab.GitLabIdentityProvider;

/**
 * Verifies tokens of GitLab.com: ID tokens, which live for two minutes
 * (<a href="https://docs.gitlab.com/integration/openid_connect_provider/">reference</a>), and access tokens by token
 * info (<a href="https://docs.gitlab.com/api/oauth2/">reference</a>). Keycloak's class only gets what was fetched
 * before, because it retries with sleeps when it fetches by itself.
 */
public final class GitLabVerifier extends IdTokenVerifier {

    private static final String ISSUER = "https://gitlab.com";
    private static final String JWKS_URL = "https://gitlab.com/oauth/discovery/keys";
    private static final String TOKEN_INFO_URL = "https://gitlab.com/oauth/token/info";
    private static final Pattern USER_ID = Pattern.compile("[0-9]+");

    public GitLabVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        idTokens.verify(token, jwt, backend, rules(backend));
        checks.inOrder(step(Check.PERSON, () -> requirePerson(jwt.claims())));
        return new Proof(ofIdToken(token, jwt, backend), TokenUse.of(jwt));
    }

    /**
     * Reads the person from the profile with Keycloak's class, and keeps the ID token with the person, because it says
     * whether the address is verified. The claim filter of the identity provider holds as for any OpenID Connect
     * provider.
     */
    private BrokeredIdentityContext ofIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        BrokeredIdentityContext byClaims = OpenIdConnectIdentity.ofIdToken(calls, backend.identityProvider(), token);
        BrokeredIdentityContext identity = reader(backend).read(asProfile(jwt.claims()));
        identity.getContextData()
                .put(
                        OIDCIdentityProvider.VALIDATED_ID_TOKEN,
                        byClaims.getContextData().get(OIDCIdentityProvider.VALIDATED_ID_TOKEN));
        return identity;
    }

    /**
     * Refuses the ID tokens of CI/CD jobs. GitLab signs them with a key of the same set, and every job names the
     * audience of its token by itself
     * (<a href="https://docs.gitlab.com/ci/secrets/id_token_authentication/">reference</a>). The subject of a job
     * starts with {@code project_path:}; that of a person is a number.
     */
    private static Finding requirePerson(TokenClaims claims) {
        Finding finding = claims.checkSubject();
        if (!USER_ID.matcher(claims.requireSubject()).matches()) {
            throw new ExternalTokenRefusedException(ReasonCode.NOT_A_PERSON, finding);
        }
        return finding;
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.pinned(backend, JWKS_URL, IdTokenRules.issuer(ISSUER));
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        OpenIdConnectIdentity.refuseWhereClaimsAreFiltered(calls, backend.identityProvider());
        JsonNode info = checks.make(
                Check.INTROSPECTION,
                () -> calls.get(TOKEN_INFO_URL, token).requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401));
        OptionalLong expiry = expiry(info);
        checks.inOrder(
                step(
                        Check.ISSUED_TO,
                        () -> Answered.requireOurs(info.path("application"), "uid", backend.ourClientIds())),
                step(Check.VALIDITY, () -> Answered.requireUnexpired(expiry)));
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> calls.get(GitLabIdentityProvider.USER_INFO, token)
                        .requireOk(ReasonCode.TOKEN_INACTIVE, 401, 403));
        checks.inOrder(step(
                Check.SAME_SUBJECT,
                () -> Answered.requireSameSubject(JsonMembers.requireId(info, "resource_owner_id"), profile, "id")));
        return new Proof(ofProfile(profile, backend), TokenUse.expiring(token, expiry));
    }

    /**
     * Remembers whether the address is verified. In a browser login the ID token says so; the profile only has the time
     * at which the address was confirmed, if it was.
     */
    private BrokeredIdentityContext ofProfile(JsonNode profile, Backend backend) {
        BrokeredIdentityContext identity = reader(backend).read(profile);
        boolean isVerified = JsonMembers.text(profile, "confirmed_at").isPresent();
        OpenIdConnectIdentity.rememberEmailVerified(identity, Boolean.toString(isVerified));
        return identity;
    }

    /** Reads the expiry, which is in seconds from now, or null for tokens that do not expire. */
    private static OptionalLong expiry(JsonNode info) {
        return info.hasNonNull("expires_in")
                ? OptionalLong.of(
                        Time.currentTimeSeconds() + info.path("expires_in").asLong())
                : OptionalLong.empty();
    }

    private static ObjectNode asProfile(TokenClaims claims) {
        ObjectNode profile = JsonNodeFactory.instance.objectNode().put("id", claims.requireSubject());
        claims.text("nickname")
                .or(() -> claims.text("preferred_username"))
                .ifPresent(name -> profile.put("username", name));
        claims.text("name").ifPresent(name -> profile.put("name", name));
        claims.text("email").ifPresent(email -> profile.put("email", email));
        return profile;
    }

    private Reader reader(Backend backend) {
        return new Reader(
                session, new OIDCIdentityProviderConfig(new IdentityProviderModel(backend.identityProvider())));
    }

    /** Reads profiles as the browser login does. */
    private static final class Reader extends GitLabIdentityProvider {

        Reader(KeycloakSession session, OIDCIdentityProviderConfig config) {
            super(session, config);
        }

        BrokeredIdentityContext read(JsonNode profile) {
            return extractIdentityFromProfile(
                    new EventBuilder(
                            session.getContext().getRealm(),
                            session,
                            session.getContext().getConnection()),
                    profile);
        }
    }
}
