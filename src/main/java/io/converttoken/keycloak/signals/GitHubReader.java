// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.http.RawRequest;
import io.converttoken.keycloak.verification.ProviderStatements;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import org.keycloak.social.github.GitHubIdentityProviderFactory;

/**
 * Reads webhooks of GitHub Apps (<a
 * href="https://docs.github.com/en/webhooks/webhook-events-and-payloads#github_app_authorization">reference</a>). They
 * have no time, so that what they end is what is there when they arrive. GitHub numbers its deliveries, and a delivery
 * that is sent again has the same number.
 */
final class GitHubReader implements SignalReader {

    static final String EVENT = "X-GitHub-Event";

    private static final String SIGNATURE = "X-Hub-Signature-256";
    private static final String DELIVERY = "X-GitHub-Delivery";
    private static final String ALGORITHM = "sha256=";
    private static final int MAX_LENGTH = 100;

    private final SignalContext context;

    GitHubReader(SignalContext context) {
        this.context = context;
    }

    @Override
    public Supplier<Signal> prove(RawRequest request) {
        if (!GitHubIdentityProviderFactory.PROVIDER_ID.equals(context.backend().providerId())) {
            throw NotUnderstood.because("a webhook of GitHub, and the identity provider is not GitHub");
        }
        String secret = context.backend()
                .config()
                .signals()
                .secret()
                .orElseGet(
                        () -> context.backend().identityProvider().getConfig().get("clientSecret"));
        context.statements().verify(request.body(), signature(request), secret);
        JsonNode hook = SignalJson.object(request.body());
        return () -> read(request, hook);
    }

    private static byte[] signature(RawRequest request) {
        try {
            return request.header(SIGNATURE)
                    .filter(value -> value.startsWith(ALGORITHM) && value.length() <= MAX_LENGTH)
                    .map(value -> HexFormat.of().parseHex(value.substring(ALGORITHM.length())))
                    .orElseThrow(() -> NotUnderstood.because("no signature"));
        } catch (IllegalArgumentException e) {
            throw NotUnderstood.because("a signature that is not hexadecimal");
        }
    }

    private static Signal read(RawRequest request, JsonNode hook) {
        String event = request.header(EVENT).orElse("");
        String action = SignalJson.text(hook, "action").orElse("");
        boolean isRevoked = event.equals("github_app_authorization") && action.equals("revoked");
        Optional<Whom> whom = Whom.byId(hook.path("sender"), "id");
        if (isRevoked && whom.isEmpty()) {
            throw NotUnderstood.because("no id of the sender");
        }
        return Signal.of(
                Kind.GITHUB,
                event + (action.isEmpty() ? "" : "." + action),
                isRevoked ? Meaning.SESSIONS_END : Meaning.NOTED,
                whom,
                SignalTimes.now(),
                ProviderStatements.digest(new String(request.body(), StandardCharsets.UTF_8)
                        + request.header(DELIVERY)
                                .orElseGet(() -> SignalTimes.now().toString())));
    }
}
