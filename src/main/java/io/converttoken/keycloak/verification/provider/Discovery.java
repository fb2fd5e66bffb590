// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.token.Issuers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.broker.oidc.OIDCIdentityProviderConfig;

/** Compares a provider's metadata (OpenID Connect Discovery, section 4) with what the identity provider's page has. */
public final class Discovery {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PATH = "/.well-known/openid-configuration";

    private final ProviderCalls calls;

    public Discovery(ProviderCalls calls) {
        this.calls = calls;
    }

    /**
     * Refuses a configuration that names other addresses than the provider does. An address that is not configured is
     * left out, because its absence may be meant.
     *
     * @throws ProviderUnavailableException when the provider does not answer with metadata
     */
    public Finding requireSame(Backend backend) {
        OIDCIdentityProviderConfig config = new OIDCIdentityProviderConfig(backend.identityProvider());
        Set<String> issuers = Issuers.of(config);
        if (issuers.isEmpty()) {
            throw new ExternalTokenRefusedException(ReasonCode.ISSUER_NOT_CONFIGURED);
        }
        String url = issuers.stream().sorted().findFirst().orElseThrow().replaceFirst("/+$", "") + PATH;
        JsonNode metadata = metadata(url);
        Map<String, String> differing = new TreeMap<>();
        if (!issuers.contains(metadata.path("issuer").asText())) {
            differing.put("issuer", String.join(",", issuers));
        }
        compare("jwks_uri", config.isUseJwksUrl() ? config.getJwksUrl() : null, metadata, differing);
        compare("userinfo_endpoint", config.getUserInfoUrl(), metadata, differing);
        compare("introspection_endpoint", config.getTokenIntrospectionUrl(), metadata, differing);
        if (!differing.isEmpty()) {
            throw new ExternalTokenRefusedException(
                    ReasonCode.DISCOVERY_MISMATCH,
                    Finding.of(
                            () -> named(differing.keySet().stream()
                                    .map(name ->
                                            Map.entry(name, metadata.path(name).asText("none")))
                                    .toList()),
                            () -> named(List.copyOf(differing.entrySet()))));
        }
        return Finding.found(() -> CallFailure.address(url));
    }

    private static void compare(
            String name, @Nullable String configured, JsonNode metadata, Map<String, String> differing) {
        if (configured != null
                && !configured.isBlank()
                && !configured.trim().equals(metadata.path(name).asText())) {
            differing.put(name, configured.trim());
        }
    }

    private static List<String> named(List<Map.Entry<String, String>> values) {
        return values.stream()
                .map(value -> value.getKey() + " " + value.getValue())
                .collect(Collectors.toList());
    }

    private JsonNode metadata(String url) {
        try {
            JsonNode metadata = JSON.readTree(calls.getMetadata(url));
            if (metadata.isObject()) {
                return metadata;
            }
        } catch (IOException e) {
            // the message may quote the answer
        }
        throw new ProviderUnavailableException(ReasonCode.METADATA_UNAVAILABLE, CallFailure.address(url) + ": no JSON");
    }
}
