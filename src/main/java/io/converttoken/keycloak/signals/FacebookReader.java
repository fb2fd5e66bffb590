// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.verification.ProviderStatements;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.keycloak.social.facebook.FacebookIdentityProviderFactory;
import org.keycloak.social.instagram.InstagramIdentityProviderFactory;

/**
 * Reads Facebook's signed requests (<a
 * href="https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback">reference</a>).
 * Those for a removed app and those for the deletion of data say the same, so that the address tells them apart.
 */
final class FacebookReader implements SignalReader {

    static final String PARAMETER = "signed_request";

    /** The flag in the query of the address that is registered for the deletion of data. */
    static final String DELETION = "deletion";

    private static final Set<String> PROVIDERS =
            Set.of(FacebookIdentityProviderFactory.PROVIDER_ID, InstagramIdentityProviderFactory.PROVIDER_ID);

    /**
     * What Facebook's scripts give to web pages when somebody signs in is signed with the same secret, and the page, or
     * whoever reads the person's cookie, could send it here.
     */
    private static final Set<String> OF_A_SIGN_IN = Set.of("code", "oauth_token", "page");

    private static final String ALGORITHM = "HMAC-SHA256";
    private static final int MAX_LENGTH = 20_000;

    private final SignalContext context;

    FacebookReader(SignalContext context) {
        this.context = context;
    }

    @Override
    public Supplier<Signal> prove(RawRequest request) {
        if (!PROVIDERS.contains(context.backend().providerId())) {
            throw NotUnderstood.because("a signed request, and the identity provider is not Facebook");
        }
        String text = Parameter.required(request.form().orElseThrow(), PARAMETER, MAX_LENGTH);
        int dot = text.indexOf('.');
        String payload = text.substring(dot + 1);
        byte[] signature = decoded(text.substring(0, Math.max(0, dot)));
        context.statements()
                .verify(
                        payload.getBytes(StandardCharsets.UTF_8),
                        signature,
                        context.backend().identityProvider().getConfig().get("clientSecret"));
        JsonNode signed = SignalJson.object(decoded(payload));
        boolean isDeletion = request.hasFlag(DELETION);
        return () -> read(signed, ProviderStatements.digest(payload) + isDeletion, isDeletion);
    }

    private static byte[] decoded(String part) {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw NotUnderstood.because("no base64url");
        }
    }

    private static Signal read(JsonNode request, String digest, boolean isDeletion) {
        if (OF_A_SIGN_IN.stream().anyMatch(request::has)) {
            throw NotUnderstood.because("a signed request that a sign-in has given to the app");
        }
        if (!ALGORITHM.equalsIgnoreCase(request.path("algorithm").asText())) {
            throw NotUnderstood.because("an unknown algorithm");
        }
        Optional<Whom> whom = Whom.byId(request, "user_id");
        return Signal.of(
                Kind.FACEBOOK,
                isDeletion ? "data-deletion" : "deauthorize",
                isDeletion ? Meaning.ACCOUNT_GONE : Meaning.SESSIONS_END,
                Optional.of(whom.orElseThrow(() -> NotUnderstood.because("no user_id"))),
                SignalTimes.happened(request, Stream.empty(), SignalTimes.read(request.path("issued_at"))),
                digest);
    }
}
