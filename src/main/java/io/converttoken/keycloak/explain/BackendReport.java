// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backend as it is configured.
 *
 * @param alias the alias of the identity provider
 * @param type the type of the identity provider
 * @param enabled whether the identity provider is switched on
 * @param converts whether any client can convert any token
 * @param names all names by which the backend can be called
 * @param allowedClients the clients that may convert
 * @param acceptedTokens which kinds of token are accepted
 * @param remarks what is risky, or cannot work
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackendReport(
        @JsonProperty("alias") String alias,
        @JsonProperty("type") String type,
        @JsonProperty("enabled") boolean enabled,
        @JsonProperty("converts") boolean converts,
        @JsonProperty("names") List<String> names,
        @JsonProperty("allowed_clients") List<String> allowedClients,
        @JsonProperty("accepted_tokens") @Nullable String acceptedTokens,
        @JsonProperty("remarks") List<Remark> remarks) {

    public BackendReport {
        names = List.copyOf(names);
        allowedClients = List.copyOf(allowedClients);
        remarks = List.copyOf(remarks);
    }

    /**
     * Something that an administrator should know.
     *
     * @param severity {@code fault} if it refuses tokens, {@code risk} if it accepts more than most want
     * @param reason the code, as in events and metrics
     * @param text what it means, and what to change
     * @param see the row of the guide about it
     */
    public record Remark(
            @JsonProperty("severity") String severity,
            @JsonProperty("reason") String reason,
            @JsonProperty("text") String text,
            @JsonProperty("see") String see) {}
}
