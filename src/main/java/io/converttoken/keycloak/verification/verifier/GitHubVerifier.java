// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.verifier;

import static io.converttoken.keycloak.reason.Checks.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.provider.ProviderAnswer;
import io.converttoken.keycloak.verification.provider.ProviderCalls;
import io.converttoken.keycloak.verification.token.JsonMembers;
import io.converttoken.keycloak.verification.token.TokenUse;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.keycloak.broker.oidc.OAuth2IdentityProviderConfig;
import org.keycloak.broker.provider.BrokeredIdentityContext;
import org.keycloak.models.KeycloakSession;
import org.keycloak.social.github.GitHubIdentityProvider;
import org.keycloak.util.BasicAuthHelper;

/**
 * Verifies tokens of GitHub and GitHub Enterprise. GitHub answers an application only about the application's own
 * tokens, so that a token of another application counts as unknown
 * (<a href="https://docs.github.com/en/rest/apps/oauth-applications#check-a-token">check a token</a>).
 */
public final class GitHubVerifier extends CallingVerifier {

    private static final int NOT_FOUND = 404;
    private static final int VALIDATION_FAILED = 422;

    public GitHubVerifier(ProviderCalls calls) {
        super(calls);
    }

    @Override
    public Proof verifyOpaqueToken(ExternalToken token, Backend backend) {
        Reader github = new Reader(session, new OAuth2IdentityProviderConfig(backend.identityProvider()));
        String secret = ClientSecret.of(calls, github.getConfig());
        JsonNode grant = checks.make(Check.INTROSPECTION, () -> check(token, backend, github, secret));
        JsonNode user = grant.path("user");
        checks.inOrder(
                step(
                        Check.ISSUED_TO,
                        () -> Answered.requireOurs(grant.path("app"), "client_id", Set.of(backend.clientId()))),
                step(Check.SUBJECT, () -> Finding.found(JsonMembers.requireId(user, "id")::toString)),
                step(Check.VALIDITY, () -> Answered.requireUnexpired(expiry(grant))));
        JsonNode profile = checks.make(
                Check.PROFILE,
                () -> calls.get(github.apiUrl() + "/user", token).requireOk(ReasonCode.TOKEN_INACTIVE, 401));
        checks.inOrder(step(
                Check.SAME_SUBJECT,
                () -> Answered.requireSameSubject(JsonMembers.requireId(user, "id"), profile, "id")));
        BrokeredIdentityContext context = github.read(profile);
        if (context.getEmail() == null) {
            verifiedPrimaryEmail(token, github).ifPresent(context::setEmail);
        }
        return new Proof(context, TokenUse.expiring(token, expiry(grant)));
    }

    @Override
    public List<ReasonCode> shortcomings(Backend backend) {
        return ClientSecret.shortcomings(backend);
    }

    private JsonNode check(ExternalToken token, Backend backend, Reader github, String secret) {
        ProviderAnswer answer = calls.post(
                github.apiUrl() + "/applications/" + backend.clientId() + "/token",
                token,
                (request, value) -> request.header(
                                "Authorization", BasicAuthHelper.createHeader(backend.clientId(), secret))
                        .json(Map.of("access_token", value)));
        return answer.requireOk(ReasonCode.TOKEN_INACTIVE, NOT_FOUND, VALIDATION_FAILED);
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
            throw new ProviderUnavailableException(ReasonCode.ANSWER_NOT_UNDERSTOOD, "an expiry that is no date");
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
