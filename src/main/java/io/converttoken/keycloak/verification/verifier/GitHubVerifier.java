// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.Refusal;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.common.util.Time;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.github.GitHubIdentityProvider;
import org.keycloak.util.BasicAuthHelper;

/**
 * Verifies tokens of GitHub and GitHub Enterprise. GitHub answers an application only about the application's own
 * tokens, so that a token of another application counts as unknown
 * (<a href="https://docs.github.com/en/rest/apps/oauth-applications#check-a-token">check a token</a>).
 */
public final class GitHubVerifier implements ExternalTokenVerifier {

    private static final int NOT_FOUND = 404;
    private static final int VALIDATION_FAILED = 422;

    private final KeycloakSession session;
    private final ProviderCalls calls;

    public GitHubVerifier(ProviderCalls calls) {
        this.calls = calls;
        this.session = calls.session();
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        Reader github = new Reader(session, new OAuth2IdentityProviderConfig(backend.identityProvider()));
        JsonNode grant = check(token, backend, github);
        if (!grant.path("app").path("client_id").asText().equals(backend.clientId())) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_AUDIENCE);
        }
        String userId = JsonMembers.requireId(grant.path("user"), "id");
        OptionalLong expiry = expiry(grant);
        if (expiry.isPresent() && expiry.getAsLong() <= Time.currentTimeSeconds()) {
            throw new ExternalTokenRefusedException(Refusal.EXPIRED);
        }
        BrokeredIdentityContext context = github.read(profile(token, github, userId));
        if (context.getEmail() == null) {
            verifiedPrimaryEmail(token, github).ifPresent(context::setEmail);
        }
        return new Proof(context, TokenUse.expiring(token, expiry));
    }

    private JsonNode check(ExternalToken token, Backend backend, Reader github) {
        String secret = ClientSecret.of(session, github.getConfig());
        ProviderAnswer answer = calls.post(
                github.apiUrl() + "/applications/" + backend.clientId() + "/token",
                token,
                (request, value) -> request.header(
                                "Authorization", BasicAuthHelper.createHeader(backend.clientId(), secret))
                        .json(Map.of("access_token", value)));
        return answer.requireOk(Refusal.INACTIVE, NOT_FOUND, VALIDATION_FAILED);
    }

    private JsonNode profile(ExternalToken token, Reader github, String userId) {
        JsonNode profile = calls.get(github.apiUrl() + "/user", token).requireOk(Refusal.INACTIVE, 401);
        if (!JsonMembers.requireId(profile, "id").equals(userId)) {
            throw new ExternalTokenRefusedException(Refusal.OTHER_SUBJECT);
        }
        return profile;
    }

    /** Returns no address if the token's scope does not open the addresses, because an address is never required. */
    private Optional<String> verifiedPrimaryEmail(ExternalToken token, Reader github) {
        ProviderAnswer answer = calls.get(github.apiUrl() + "/user/emails", token);
        if (!answer.isOk()) {
            return Optional.empty();
        }
        return StreamSupport.stream(answer.body().spliterator(), false)
                .filter(email -> email.path("primary").asBoolean()
                        && email.path("verified").asBoolean())
                .flatMap(email -> JsonMembers.text(email, "email").stream())
                .findFirst();
    }

    /** Reads the expiry, which is in ISO 8601, or null for tokens that do not expire. */
    private static OptionalLong expiry(JsonNode grant) {
        if (!grant.hasNonNull("expires_at")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(
                    Instant.parse(grant.path("expires_at").asText()).getEpochSecond());
        } catch (DateTimeParseException e) {
            throw new ProviderUnavailableException("identity provider's answer has an expiry that is no date");
        }
    }

    /** Reads profiles as the browser login does, and knows where the API is. */
    private static final class Reader extends GitHubIdentityProvider {

        Reader(KeycloakSession session, OAuth2IdentityProviderConfig config) {
            super(session, config);
        }

        BrokeredIdentityContext read(JsonNode profile) {
            return extractIdentityFromProfile(null, profile);
        }

        String apiUrl() {
            return getUrlFromConfig(getConfig(), API_URL_KEY, DEFAULT_API_URL);
        }
    }
}
