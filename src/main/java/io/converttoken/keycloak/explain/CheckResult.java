// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What became of one check.
 *
 * @param check the name of the check
 * @param result {@code passed}, {@code failed} or {@code not_reached}
 * @param expected what would pass, if that can be said
 * @param found what was found, if that can be said
 * @param reason the code of the reason, if the check failed
 * @param advice what to change, and where, if the check failed
 * @param see the row of the guide about this reason, if the check failed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CheckResult(
        @JsonProperty("check") String check,
        @JsonProperty("result") String result,
        @JsonProperty("expected") @Nullable String expected,
        @JsonProperty("found") @Nullable String found,
        @JsonProperty("reason") @Nullable String reason,
        @JsonProperty("advice") @Nullable String advice,
        @JsonProperty("see") @Nullable String see) {}
