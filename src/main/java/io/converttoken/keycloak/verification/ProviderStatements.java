// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.SignalConfig;
import io.converttoken.keycloak.limits.FailedConversions;
import io.converttoken.keycloak.limits.TooManyFailuresException;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.reason.RefusedException;
import io.converttoken.keycloak.verification.StatementRules.Expiry;
import io.converttoken.keycloak.verification.StatementRules.Signer;
import io.converttoken.keycloak.verification.provider.CallAllowance;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.provider.SignatureVerifier;
import io.converttoken.keycloak.verification.token.HmacSha256;
import io.converttoken.keycloak.verification.token.IdTokenRules;
import io.converttoken.keycloak.verification.token.SignedJwt;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenKinds;
import io.converttoken.keycloak.verification.token.TokenUse;
import io.converttoken.keycloak.verification.verifier.ClientSecret;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;
import org.keycloak.common.util.Time;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;

/**
 * Proves what a provider says of its own accord: signals, and no tokens of a person who signs in. The keys are those of
 * conversions, from the same cache and within the same limits. Refused statements count by address as refused tokens
 * do.
 */
public final class ProviderStatements {

    private static final String UNTYPED = "jwt";
    private static final String MEDIA_TYPE_PREFIX = "application/";

    private final KeycloakSession session;
    private final Backend backend;

    public ProviderStatements(KeycloakSession session, Backend backend) {
        this.session = session;
        this.backend = backend;
    }

    /**
     * Reads a statement, unless the caller's address has sent too many that were refused. One more that is refused is
     * counted.
     *
     * @throws TooManyFailuresException when too many were refused lately
     */
    public <T> T counted(Supplier<T> reading) {
        FailedConversions.OfAddress failures = ExternalTokenVerifiers.failures(session, backend);
        failures.requireRoom();
        try {
            return reading.get();
        } catch (ProviderUnavailableException e) {
            throw e; // nobody knows whether the statement is good
        } catch (RefusedException e) {
            failures.failed();
            throw e;
        }
    }

    /** Returns what accepts the issuers whose ids are those of the backend's people. */
    public Predicate<String> issuers() {
        return issuer -> {
            TokenClaims claims =
                    new TokenClaims(JsonNodeFactory.instance.objectNode().put("iss", issuer));
            try (CallAllowance access = CallAllowance.of(session, backend)) {
                ProviderCalls calls = new ProviderCalls(access, Checks.UNOBSERVED);
                return Stream.of(Signer.values())
                        .flatMap(signer -> rulesOf(signer, calls).stream())
                        .anyMatch(candidate -> accepts(candidate, claims));
            }
        };
    }

    private static boolean accepts(IdTokenRules candidate, TokenClaims claims) {
        try {
            requireIssuer(claims, candidate);
            return true;
        } catch (ExternalTokenRefusedException e) {
            return false;
        }
    }

    /**
     * Verifies a signed JWT. The claims are checked first, so that no key is fetched for one that is refused anyway.
     *
     * @throws ExternalTokenRefusedException when it is not genuine, not valid now, not for us, or of another kind
     * @throws ProviderUnavailableException when the keys cannot be loaded
     */
    public Statement verify(String text, StatementRules rules) {
        SignedJwt jwt = SignedJwt.in(text)
                .orElseThrow(() -> new ExternalTokenRefusedException(
                        ReasonCode.TOKEN_MALFORMED, Finding.found(() -> "no signed JWT")));
        requireType(jwt, rules);
        refuseNonce(jwt.claims());
        try (CallAllowance access = CallAllowance.of(session, backend)) {
            ProviderCalls calls = new ProviderCalls(access, Checks.UNOBSERVED);
            OIDCIdentityProviderConfig keys = keysOfIssuer(jwt.claims(), rules, calls);
            requireAudience(jwt.claims(), rules);
            requireTime(jwt.claims(), rules);
            new SignatureVerifier(calls).verify(jwt, keys);
        }
        return new Statement(jwt.claims().json(), TokenUse.of(jwt).digest());
    }

    /**
     * Verifies a message by the secret that the provider shares with us.
     *
     * @param secret the secret, or a reference to the vault
     * @throws ExternalTokenRefusedException when the provider has not made it
     */
    public void verify(byte[] message, byte[] mac, @Nullable String secret) {
        byte[] expected = HmacSha256.of(message, ClientSecret.toVerifyWith(session, secret));
        if (!MessageDigest.isEqual(expected, mac)) {
            throw new ExternalTokenRefusedException(ReasonCode.SIGNATURE_INVALID, Finding.found(() -> "HMAC"));
        }
    }

    private static void requireType(SignedJwt jwt, StatementRules rules) {
        Optional<String> type = jwt.type()
                .map(value -> value.toLowerCase(Locale.ROOT))
                .map(value ->
                        value.startsWith(MEDIA_TYPE_PREFIX) ? value.substring(MEDIA_TYPE_PREFIX.length()) : value);
        boolean isUntyped = type.isEmpty() || type.get().equals(UNTYPED);
        if (isUntyped ? !rules.mayBeUntyped() : !rules.types().contains(type.get())) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.TOKEN_KIND_UNSUPPORTED,
                    Finding.of(rules::types, () -> type.map(TokenKinds::shown).orElse("no type")));
        }
    }

    /** A nonce marks an ID token (OpenID Connect Back-Channel Logout 1.0, section 2.4). */
    private static void refuseNonce(TokenClaims claims) {
        if (claims.has("nonce")) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.TOKEN_KIND_UNSUPPORTED, Finding.found(() -> "claim nonce"));
        }
    }

    /** Returns where the keys of the signer are that has the statement's issuer. */
    private OIDCIdentityProviderConfig keysOfIssuer(TokenClaims claims, StatementRules rules, ProviderCalls calls) {
        List<IdTokenRules> candidates = rules.signers().stream()
                .flatMap(signer -> rulesOf(signer, calls).stream())
                .toList();
        if (candidates.isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.ISSUER_NOT_CONFIGURED);
        }
        ExternalTokenRefusedException refusal = null;
        for (IdTokenRules candidate : candidates) {
            try {
                requireIssuer(claims, candidate);
                return candidate.config();
            } catch (ExternalTokenRefusedException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        throw refusal;
    }

    /** Google's signals have a slash at the end of an issuer that has none in ID tokens. */
    private static void requireIssuer(TokenClaims claims, IdTokenRules candidate) {
        try {
            candidate.issuer().require(claims);
        } catch (ExternalTokenRefusedException e) {
            if (claims.text("iss").filter(issuer -> issuer.endsWith("/")).isEmpty()) {
                throw e;
            }
            candidate.issuer().require(claims.withoutSlashInIssuer());
        }
    }

    private Optional<IdTokenRules> rulesOf(Signer signer, ProviderCalls calls) {
        Optional<IdTokenRules> ofIdentityProvider =
                ExternalTokenVerifiers.verifierFor(backend, calls).idTokenRules(backend);
        return signer == Signer.IDENTITY_PROVIDER ? ofIdentityProvider : ofSignals(ofIdentityProvider);
    }

    private Optional<IdTokenRules> ofSignals(Optional<IdTokenRules> ofIdentityProvider) {
        SignalConfig signals = backend.config().signals();
        Optional<IdTokenRules.IssuerRule> issuer = signals.issuer()
                .<IdTokenRules.IssuerRule>map(IdTokenRules::issuer)
                .or(() -> ofIdentityProvider.map(IdTokenRules::issuer));
        Optional<OIDCIdentityProviderConfig> keys =
                signals.keysUrl().map(this::keysAt).or(() -> ofIdentityProvider.map(IdTokenRules::config));
        return issuer.flatMap(rule ->
                keys.map(config -> new IdTokenRules(config, rule, Set.of(), IdTokenRules.AuthorizedParty.ANYBODY)));
    }

    /** Keycloak caches keys by the internal id, so that these keys need one of their own. */
    private OIDCIdentityProviderConfig keysAt(String url) {
        IdentityProviderModel model = new IdentityProviderModel(backend.identityProvider());
        model.setInternalId(model.getInternalId() + ".signals." + TokenUse.digestOf(url));
        OIDCIdentityProviderConfig config = new OIDCIdentityProviderConfig(model);
        config.setUseJwksUrl(true);
        config.setJwksUrl(url);
        return config;
    }

    private static void requireAudience(TokenClaims claims, StatementRules rules) {
        if (claims.audience().stream().noneMatch(rules.audience()::contains)) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.AUDIENCE_MISMATCH, Finding.of(rules::audience, claims::audience));
        }
    }

    private void requireTime(TokenClaims claims, StatementRules rules) {
        long now = Time.currentTimeSeconds();
        boolean isExpiryRead =
                rules.expiry() == Expiry.REQUIRED || rules.expiry() == Expiry.CHECKED_IF_PRESENT && claims.has("exp");
        if (isExpiryRead) {
            claims.requireValidAt(now, 0);
        } else {
            claims.requireNotBefore(now, 0);
        }
    }

    /** Returns what tells a message from all others. */
    public static String digest(String message) {
        return TokenUse.digestOf(message);
    }

    /** Returns our client ids at the provider, and what else may name us as the audience of a statement. */
    public static Set<String> audience(Backend backend, String... others) {
        return Stream.concat(backend.ourClientIds().stream(), Stream.of(others))
                .collect(Collectors.toUnmodifiableSet());
    }
}
