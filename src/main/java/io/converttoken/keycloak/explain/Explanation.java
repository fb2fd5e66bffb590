// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a conversion would come to.
 *
 * @param outcome {@code converts}, or the OAuth error that the caller would get
 * @param reason the code of the reason that the event would have
 * @param reasonText the sentence that the event would have
 * @param checks the checks in the order in which they are made
 * @param account what would become of the account, if the token is accepted and the administrator may view users
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Explanation(
        @JsonProperty("outcome") String outcome,
        @JsonProperty("reason") @Nullable String reason,
        @JsonProperty("reason_text") @Nullable String reasonText,
        @JsonProperty("checks") List<CheckResult> checks,
        @JsonProperty("account") @Nullable Account account) {

    /** The outcome of a token that would be converted. */
    public static final String CONVERTS = "converts";

    public Explanation {
        checks = List.copyOf(checks);
    }

    /**
     * What would become of the account.
     *
     * @param outcome {@code signs_in}, {@code would_create}, {@code would_link}, or the OAuth error
     * @param userId the id of the account that exists already
     * @param subject the person at the provider
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Account(
            @JsonProperty("outcome") String outcome,
            @JsonProperty("user_id") @Nullable String userId,
            @JsonProperty("subject") String subject) {}
}
