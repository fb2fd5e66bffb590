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
public final class MicrosoftVerifier extends IdTokenVerifier {

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

    public MicrosoftVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyIdToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        Reader microsoft = reader(backend);
        idTokens.verify(token, jwt, backend, rules(backend));
        checks.inOrder(step(Check.PERSON, () -> requirePerson(jwt.claims())));
        return new Proof(microsoft.read(asProfile(jwt.claims())), TokenUse.of(jwt));
    }

    @Override
    IdTokenRules rules(Backend backend) {
        String tenant = reader(backend).tenant();
        return IdTokenRules.pinned(backend, JWKS_URL.formatted(tenant), claims -> {
            requireIssuerOfTenant(claims);
            return requireTenant(claims, tenant);
        });
    }

    /** Everybody with an account at Microsoft may sign in where no tenant is configured. */
    @Override
    public List<ReasonCode> shortcomings(Backend backend) {
        return reader(backend).tenant().equals("common") ? List.of(ReasonCode.ANY_TENANT) : List.of();
    }

    /**
     * Verifies a token of Graph, whose signature only Graph can check. The answer of Graph for this very string proves
     * that the token is genuine. Before the answer, claims are only used to refuse the token.
     */
    @Override
    public Proof verifyJwtAccessToken(ExternalToken token, SignedJwt jwt, Backend backend) {
        TokenClaims claims = jwt.claims();
        int skew = Issuers.clockSkew(backend.identityProvider());
        checks.inOrder(
                step(Check.BINDING, claims::requireBearer),
                step(Check.VALIDITY, () -> claims.requireValidAt(Time.currentTimeSeconds(), skew)));
        JsonNode profile = profile(token);
        Reader microsoft = reader(backend);
        checks.inOrder(
                step(Check.ISSUED_TO, () -> requireOurs(claims, backend)),
                step(Check.PERSON, () -> requirePerson(claims)),
                step(Check.ISSUER, () -> requireTenant(claims, microsoft.tenant())),
                step(Check.SAME_SUBJECT, () -> requireSameSubject(claims, profile)));
        return new Proof(microsoft.read(profile), TokenUse.of(jwt));
    }

    private static Finding requireOurs(TokenClaims claims, Backend backend) {
        List<String> applications = Stream.of("appid", "azp")
                .flatMap(claim -> claims.text(claim).stream())
                .toList();
        Finding finding = Finding.of(backend::ourClientIds, () -> applications);
        if (applications.isEmpty() || !backend.ourClientIds().containsAll(applications)) {
            throw new ExternalTokenRefusedException(ReasonCode.AUDIENCE_MISMATCH, finding);
        }
        return finding;
    }

    private static Finding requireSameSubject(TokenClaims claims, JsonNode profile) {
        Optional<String> named = claims.text("oid");
        String id = profile.path("id").asText();
        Finding finding = Finding.of(() -> named, () -> id);
        if (named.filter(id::equals).isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISMATCH, finding);
        }
        return finding;
    }

    /**
     * Verifies a token of a personal account. Such a token cannot be read, and Graph does not say for which application
     * it was issued.
     */
    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        UnboundTokens.requireAccepted(calls, backend);
        Reader microsoft = reader(backend);
        checks.inOrder(step(Check.ISSUER, () -> requireAnyTenant(microsoft.tenant())));
        return new Proof(microsoft.read(profile(token)), TokenUse.expiring(token, OptionalLong.empty()));
    }

    private JsonNode profile(ExternalToken token) {
        return checks.make(Check.PROFILE, () -> {
            JsonNode profile = calls.get(PROFILE_URL, token).requireOk(ReasonCode.TOKEN_INACTIVE, 400, 401, 403);
            JsonMembers.requireId(profile, "id");
            return profile;
        });
    }

    /** Nothing tells the tenant of an opaque token. */
    private static Finding requireAnyTenant(String configured) {
        Finding finding = Finding.of(() -> "tenant " + configured, () -> "a token that does not tell its tenant");
        if (!configured.equals("common") && !configured.equals("consumers")) {
            throw new ExternalTokenRefusedException(ReasonCode.ISSUER_MISMATCH, finding);
        }
        return finding;
    }

    /**
     * Refuses the tokens that an application gets for itself. {@code idtyp} marks them only if the audience has asked
     * for that claim. In all of them {@code sub} is the object's id, which it never is in a person's token
     * (<a href="https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference">reference</a>).
     */
    private static Finding requirePerson(TokenClaims claims) {
        boolean saysApplication =
                claims.text("idtyp").filter(OF_AN_APPLICATION::equals).isPresent();
        boolean isItsOwnObject = claims.has("oid") && claims.text("oid").equals(claims.text("sub"));
        if (saysApplication || isItsOwnObject) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.NOT_A_PERSON,
                    Finding.found(() -> saysApplication ? "idtyp " + OF_AN_APPLICATION : "sub that is the oid"));
        }
        return Finding.nothing();
    }

    /**
     * Every tenant has an issuer of its own. v1.0 tokens have another issuer, and their {@code ver} says that they are
     * v1.0.
     */
    private static void requireIssuerOfTenant(TokenClaims claims) {
        String tenant = tenant(claims);
        String expected = ISSUER.formatted(tenant);
        if (claims.text("iss").filter(expected::equals).isEmpty()
                || claims.text("ver").filter("2.0"::equals).isEmpty()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.ISSUER_MISMATCH,
                    Finding.of(
                            () -> expected + ", ver 2.0",
                            () -> claims.text("iss").orElse("no iss") + ", ver "
                                    + claims.text("ver").orElse("none")));
        }
    }

    private static Finding requireTenant(TokenClaims claims, String configured) {
        String tenant = tenant(claims);
        boolean isPersonal = tenant.equals(PERSONAL_ACCOUNTS);
        boolean isOurs = switch (configured) {
            case "common" -> true;
            case "organizations" -> !isPersonal;
            case "consumers" -> isPersonal;
            default -> tenant.equals(configured);
        };
        Finding finding = Finding.of(() -> "tenant " + configured, () -> "tenant " + tenant);
        if (!isOurs) {
            throw new ExternalTokenRefusedException(ReasonCode.ISSUER_MISMATCH, finding);
        }
        return finding;
    }

    private static String tenant(TokenClaims claims) {
        return claims.text("tid")
                .filter(tenant -> TENANT_ID.matcher(tenant).matches())
                .orElseThrow(() -> new ExternalTokenRefusedException(
                        ReasonCode.ISSUER_MISMATCH, Finding.found(() -> "no tenant in claim tid")));
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
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING));
        if (!tenant(claims).equals(PERSONAL_ACCOUNTS)) {
            return objectId;
        }
        return Optional.of(PERSONAL_OBJECT_ID.matcher(objectId))
                .filter(Matcher::matches)
                .map(personal -> personal.group(1) + personal.group(2))
                .orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.SUBJECT_MISSING));
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
