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
import io.converttoken.keycloak.verification.AuthorizationCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Revocable;
import io.converttoken.keycloak.verification.provider.CodeClient;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.HmacSha256;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.facebook.FacebookIdentityProvider;
import org.keycloak.social.facebook.FacebookIdentityProviderConfig;

/**
 * Verifies Facebook's ID tokens of Limited Login
 * (<a href="https://developers.facebook.com/docs/facebook-login/limited-login/token">reference</a>), and its access
 * tokens by debug_token (<a href="https://developers.facebook.com/docs/graph-api/reference/debug_token">reference</a>).
 * Each app has user ids of its own, so that only tokens of the identity provider's own app name the person as the
 * browser login does.
 */
public final class FacebookVerifier extends IdTokenVerifier {

    private static final String ISSUER = "https://www.facebook.com";
    private static final String JWKS_URL = "https://limited.facebook.com/.well-known/oauth/openid/jwks/";

    /** The id becomes a part of an address. */
    private static final Pattern APP_SCOPED_ID = Pattern.compile("[0-9]{1,30}");

    /** The codes that Graph answers for a token that is dead, not a token, or of another app. */
    private static final Set<Integer> TOKEN_IS_BAD = Set.of(100, 190);

    public FacebookVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        idTokens.verify(token, jwt, backend, rules(backend));
        return new Proof(reader(backend).read(asProfile(jwt.claims())), TokenUse.of(jwt));
    }

    @Override
    IdTokenRules rules(Backend backend) {
        return IdTokenRules.pinned(backend, JWKS_URL, IdTokenRules.issuer(ISSUER))
                .onlyFor(Set.of(backend.clientId()));
    }

    @Override
    public Optional<CodeClient> codeClient(AuthorizationCode code, Backend backend) {
        return Optional.of(CodeClients.own(session, code, backend));
    }

    /**
     * Reads the person from Graph, as a browser login does. The ID token, which Facebook gives only to apps that asked
     * for scope {@code openid}, must be of the same person.
     */
    @Override
    public Proof verifyRedeemed(RedeemedCode redeemed, Backend backend) {
        Proof proof = verifyOpaqueToken(redeemed.accessToken(), backend);
        redeemed.idToken().ifPresent(idToken -> {
            idTokens.verify(idToken.token(), idToken.jwt(), backend, rules(backend));
            checks.inOrder(step(
                    Check.SAME_SUBJECT,
                    () -> Answered.requireSameSubject(
                            proof.person().getId(), idToken.jwt().claims().json(), "sub")));
        });
        StoredResponse.keep(redeemed.tokens(), proof.person(), backend);
        return proof;
    }

    @Override
    public List<ReasonCode> shortcomings(Backend backend) {
        return ClientSecret.shortcomings(backend);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        Reader facebook = reader(backend);
        String secret = ClientSecret.of(calls, facebook.getConfig());
        JsonNode data = checks.make(Check.INTROSPECTION, () -> requireValid(debug(token, backend.clientId(), secret)));
        checks.inOrder(
                step(Check.ISSUED_TO, () -> Answered.requireOurs(data, "app_id", Set.of(backend.clientId()))),
                step(Check.PERSON, () -> requirePerson(data)),
                step(Check.VALIDITY, () -> Answered.requireUnexpired(expiry(data))));
        JsonNode profile = checks.make(Check.PROFILE, () -> profile(token, facebook, secret));
        checks.inOrder(step(
                Check.SAME_SUBJECT,
                () -> Answered.requireSameSubject(JsonMembers.requireId(data, "user_id"), profile, "id")));
        return new Proof(facebook.read(profile), TokenUse.expiring(token, expiry(data)));
    }

    /** Facebook takes back what a person has allowed by the person's id, so that no token has to be stored. */
    @Override
    public Optional<Revocable> revocable(FederatedIdentityModel link, Backend backend) {
        return Optional.of(link.getUserId())
                .filter(id -> backend.config().revokeTokens())
                .filter(id -> APP_SCOPED_ID.matcher(id).matches())
                .map(id -> new Revocable(id, backend.clientId(), ""));
    }

    @Override
    public void revoke(Revocable revocable, Backend backend) {
        String secret = ClientSecret.of(calls, reader(backend).getConfig());
        ProviderAnswer answer = calls.deleteChange(
                "https://graph.facebook.com/" + revocable.person() + "/permissions",
                request -> request.auth(backend.clientId() + "|" + secret));
        Revoked.require(answer);
    }

    private JsonNode debug(ExternalToken token, String appId, String secret) {
        ProviderAnswer answer = calls.get(
                FacebookIdentityProvider.DEBUG_TOKEN_URL,
                token,
                (request, value) -> request.param("input_token", value).auth(appId + "|" + secret));
        refuseWhereTokenIsBad(answer, Set.of(100));
        return answer.requireOk(ReasonCode.TOKEN_INACTIVE).path("data");
    }

    private static JsonNode requireValid(JsonNode data) {
        if (!data.path("is_valid").isBoolean() || !data.path("is_valid").booleanValue()) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_INACTIVE);
        }
        return data;
    }

    private static Finding requirePerson(JsonNode data) {
        String type = data.path("type").asText("USER");
        Finding finding = Finding.of(() -> "type USER", () -> "type " + type);
        if (type.equals("APP")) {
            throw new ExternalTokenRefusedException(ReasonCode.NOT_A_PERSON, finding);
        }
        if (!type.equals("USER")) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_KIND_UNSUPPORTED, finding);
        }
        JsonMembers.requireId(data, "user_id");
        return finding;
    }

    /** Zero stands for a token that does not expire. */
    private static OptionalLong expiry(JsonNode data) {
        long expiry = data.path("expires_at").asLong();
        return expiry == 0 ? OptionalLong.empty() : OptionalLong.of(expiry);
    }

    /**
     * Fetches the profile with a proof made from the app's secret. Graph then answers only for tokens of that app,
     * which proves a second time that the token is ours.
     */
    private JsonNode profile(ExternalToken token, Reader facebook, String secret) {
        ProviderAnswer answer = calls.get(
                facebook.profileUrl(),
                token,
                (request, value) ->
                        request.param("appsecret_proof", proof(value, secret)).auth(value));
        refuseWhereTokenIsBad(answer, TOKEN_IS_BAD);
        return answer.requireOk(ReasonCode.TOKEN_INACTIVE);
    }

    private static void refuseWhereTokenIsBad(ProviderAnswer answer, Set<Integer> codes) {
        boolean isClientError = answer.status() >= 400 && answer.status() < 500;
        if (isClientError
                && codes.contains(answer.body().path("error").path("code").asInt())) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_INACTIVE);
        }
    }

    private static String proof(String token, String secret) {
        return HexFormat.of().formatHex(HmacSha256.of(token.getBytes(StandardCharsets.UTF_8), secret));
    }

    private static ObjectNode asProfile(TokenClaims claims) {
        ObjectNode profile = JsonNodeFactory.instance.objectNode().put("id", claims.requireSubject());
        claims.text("email").ifPresent(email -> profile.put("email", email));
        claims.text("name").ifPresent(name -> profile.put("name", name));
        claims.text("given_name").ifPresent(name -> profile.put("first_name", name));
        claims.text("family_name").ifPresent(name -> profile.put("last_name", name));
        return profile;
    }

    private Reader reader(Backend backend) {
        return new Reader(session, new FacebookIdentityProviderConfig(backend.identityProvider()));
    }

    /** Reads profiles as the browser login does. */
    private static final class Reader extends FacebookIdentityProvider {

        Reader(KeycloakSession session, FacebookIdentityProviderConfig config) {
            super(session, config);
        }

        BrokeredIdentityContext read(JsonNode profile) {
            return extractIdentityFromProfile(null, profile);
        }

        String profileUrl() {
            String more = getConfig().getFetchedFields();
            return more == null || more.isBlank() ? PROFILE_URL : PROFILE_URL + PROFILE_URL_FIELDS_SEPARATOR + more;
        }
    }
}
