// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.Issuers;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.microsoft.MicrosoftIdentityProvider;
import org.keycloak.social.microsoft.MicrosoftIdentityProviderConfig;

/**
 * Verifies tokens of Microsoft Entra and of personal accounts: v2.0 ID tokens
 * (<a href="https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference">reference</a>), and access
 * tokens for which Graph answers.
 *
 * <p>Keycloak stores the {@code id} of Graph's {@code /me}. For work accounts that is the ID token's {@code oid}, as
 * the reference says. For personal accounts it is the last 16 hexadecimal digits of the {@code oid}. {@code sub}
 * differs from application to application and is never the id.
 */
public final class MicrosoftVerifier implements ExternalTokenVerifier {

    private static final String JWKS_URL = "https://login.microsoftonline.com/%s/discovery/v2.0/keys";
    private static final String ISSUER = "https://login.microsoftonline.com/%s/v2.0";
    private static final String PROFILE_URL = "https://graph.microsoft.com/v1.0/me/";
    private static final String OF_AN_APPLICATION = "app";
    private static final String PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad";
    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final Pattern TENANT_ID = Pattern.compile(UUID);
    private static final Pattern OBJECT_ID = Pattern.compile(UUID);
    private static final Pattern FAMILY_FIRST = Pattern.compile("([^,]+),\\s+([^,]+)");

    /**
     * The {@code oid} of a personal account. An id that begins with zero is not accepted, because no documentation says
     * whether Graph drops the zero.
     */
    private static final Pattern PERSONAL_OBJECT_ID =
            Pattern.compile("00000000-0000-0000-([1-9a-f][0-9a-f]{3})-([0-9a-f]{12})");

    private final KeycloakSession session;
    private final IdTokens idTokens;
    private final ProviderCalls calls;

    public MicrosoftVerifier(ProviderCalls calls) {
        this.calls = calls;
        this.session = calls.session();
        this.idTokens = new IdTokens(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        Reader microsoft = reader(backend);
        idTokens.verify(
                token, jwt, backend, IdTokenRules.pinned(backend, JWKS_URL.formatted(microsoft.tenant()), claims -> {
                    requireIssuerOfTenant(claims);
                    requireTenant(claims, microsoft.tenant());
                }));
        requirePerson(jwt.claims());
        return new Proof(microsoft.read(asProfile(jwt.claims())), TokenUse.of(jwt));
    }

    /**
     * Verifies a token of Graph, whose signature only Graph can check. The answer of Graph for this very string proves
     * that the token is genuine. Before the answer, claims are only used to refuse the token.
     */
    @Override
    public Proof verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        TokenClaims claims = jwt.claims();
        claims.requireBearer();
        claims.requireValidAt(Time.currentTimeSeconds(), Issuers.clockSkew(backend.identityProvider()));
        JsonNode profile = profile(token);
        List<String> applications = Stream.of("appid", "azp")
                .flatMap(claim -> claims.text(claim).stream())
                .toList();
        if (applications.isEmpty() || !backend.ourClientIds().containsAll(applications)) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
        requirePerson(claims);
        Reader microsoft = reader(backend);
        requireTenant(claims, microsoft.tenant());
        if (claims.text("oid").filter(profile.path("id").asText()::equals).isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_SUBJECT);
        }
        return new Proof(microsoft.read(profile), TokenUse.of(jwt));
    }

    /**
     * Verifies a token of a personal account. Such a token cannot be read, and Graph does not say for which application
     * it was issued.
     */
    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(session, backend);
        Reader microsoft = reader(backend);
        if (!microsoft.tenant().equals("common") && !microsoft.tenant().equals("consumers")) {
            // nothing tells the tenant
            throw new ExternalTokenRefusedException(Refusal.WRONG_ISSUER);
        }
        return new Proof(microsoft.read(profile(token)), TokenUse.expiring(token, OptionalLong.empty()));
    }

    private JsonNode profile(ExternalToken token) {
        JsonNode profile = calls.get(PROFILE_URL, token).requireOk(Refusal.INACTIVE, 400, 401, 403);
        JsonMembers.requireId(profile, "id");
        return profile;
    }

    /**
     * Refuses the tokens that an application gets for itself. {@code idtyp} marks them only if the audience has asked
     * for that claim. In all of them {@code sub} is the object's id, which it never is in a person's token
     * (<a href="https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference">reference</a>).
     */
    private static void requirePerson(TokenClaims claims) {
        boolean saysApplication =
                claims.text("idtyp").filter(OF_AN_APPLICATION::equals).isPresent();
        boolean isItsOwnObject = claims.has("oid") && claims.text("oid").equals(claims.text("sub"));
        if (saysApplication || isItsOwnObject) {
            throw new ExternalTokenRefusedException(Refusal.NOT_A_PERSON);
        }
    }

    /**
     * Every tenant has an issuer of its own. v1.0 tokens have another issuer, and their {@code ver} says that they are
     * v1.0.
     */
    private static void requireIssuerOfTenant(TokenClaims claims) {
        String tenant = tenant(claims);
        if (claims.text("iss").filter(ISSUER.formatted(tenant)::equals).isEmpty()
                || claims.text("ver").filter("2.0"::equals).isEmpty()) {
            throw new ExternalTokenRefusedException(Refusal.WRONG_ISSUER);
        }
    }

    private static void requireTenant(TokenClaims claims, String configured) {
        String tenant = tenant(claims);
        boolean isPersonal = tenant.equals(PERSONAL_ACCOUNTS);
        boolean isOurs = switch (configured) {
            case "common" -> true;
            case "organizations" -> !isPersonal;
            case "consumers" -> isPersonal;
            default -> tenant.equals(configured);
        };
        if (!isOurs) {
            throw new ExternalTokenRefusedException(Refusal.WRONG_ISSUER);
        }
    }

    private static String tenant(TokenClaims claims) {
        return claims.text("tid")
                .filter(tenant -> TENANT_ID.matcher(tenant).matches())
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.WRONG_ISSUER));
    }

    private static ObjectNode asProfile(TokenClaims claims) {
        ObjectNode profile = JsonNodeFactory.instance.objectNode().put("id", graphId(claims));
        claims.text("email").ifPresent(email -> profile.put("mail", email));
        claims.text("preferred_username").ifPresent(name -> profile.put("userPrincipalName", name));
        claims.text("name").ifPresent(name -> profile.put("displayName", name));
        putNames(profile, claims);
        return profile;
    }

    /**
     * Sets the given name and the family name, which Graph has as two fields. An ID token has only the whole name,
     * unless the application asks for the optional claims {@code given_name} and {@code family_name}. The whole name is
     * split at the last blank, as Keycloak does for OpenID Connect providers. A name with a comma is split there,
     * because some directories write the family name first.
     */
    private static void putNames(ObjectNode profile, TokenClaims claims) {
        Optional<String> given = claims.text("given_name");
        Optional<String> family = claims.text("family_name");
        given.ifPresent(name -> profile.put("givenName", name));
        family.ifPresent(name -> profile.put("surname", name));
        if (given.isEmpty() && family.isEmpty()) {
            claims.text("name").map(String::strip).ifPresent(name -> putParted(profile, name));
        }
    }

    private static void putParted(ObjectNode profile, String name) {
        Matcher familyFirst = FAMILY_FIRST.matcher(name);
        int blank = name.lastIndexOf(' ');
        if (familyFirst.matches()) {
            profile.put("givenName", familyFirst.group(2)).put("surname", familyFirst.group(1));
        } else if (blank < 0) {
            profile.put("givenName", name);
        } else {
            profile.put("givenName", name.substring(0, blank).strip()).put("surname", name.substring(blank + 1));
        }
    }

    private static String graphId(TokenClaims claims) {
        String objectId = claims.text("oid")
                .filter(oid -> OBJECT_ID.matcher(oid).matches())
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_SUBJECT));
        if (!tenant(claims).equals(PERSONAL_ACCOUNTS)) {
            return objectId;
        }
        return Optional.of(PERSONAL_OBJECT_ID.matcher(objectId))
                .filter(Matcher::matches)
                .map(personal -> personal.group(1) + personal.group(2))
                .orElseThrow(() -> new ExternalTokenRefusedException(Refusal.NO_SUBJECT));
    }

    private Reader reader(Backend backend) {
        return new Reader(session, new MicrosoftIdentityProviderConfig(backend.identityProvider()));
    }

    /** Reads profiles as the browser login does. */
    private static final class Reader extends MicrosoftIdentityProvider {

        private final String tenant;

        Reader(KeycloakSession session, MicrosoftIdentityProviderConfig config) {
            super(session, config);
            this.tenant = Optional.ofNullable(config.getTenantId())
                    .map(id -> id.trim().toLowerCase(Locale.ROOT))
                    .filter(id -> !id.isEmpty())
                    .orElse("common");
        }

        BrokeredIdentityContext read(JsonNode profile) {
            return extractIdentityFromProfile(null, profile);
        }

        String tenant() {
            return tenant;
        }
    }
}
