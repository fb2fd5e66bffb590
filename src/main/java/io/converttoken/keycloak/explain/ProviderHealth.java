// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Checks.Step;
import io.converttoken.keycloak.reason.RefusedException;
import io.converttoken.keycloak.verification.ExternalTokenVerifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.keycloak.models.KeycloakSession;

/**
 * Whether a backend's provider can be asked, and answers as the configuration expects.
 *
 * @param healthy whether every check passed
 * @param checks the checks, each of which may fail by itself
 */
public record ProviderHealth(
        @JsonProperty("healthy") boolean healthy,
        @JsonProperty("checks") List<CheckResult> checks) {

    public ProviderHealth {
        checks = List.copyOf(checks);
    }

    /** Asks the provider. The limits for calls of providers hold, and the calls are not counted. */
    public static ProviderHealth of(KeycloakSession session, String name) {
        Advice advice = new Advice(session, Map.of("backend", name, "client", ""));
        List<CheckResult> results = new ArrayList<>();
        ObservedChecks ofBackend = new ObservedChecks();
        try {
            Backend backend = new Backends(session).explained(name, new Checks(ofBackend));
            new ExternalTokenVerifiers(session).probe(backend, probe -> results.addAll(made(probe, advice)));
        } catch (RefusedException e) {
            ofBackend.refused(e.reason());
            results.addAll(ofBackend.results(advice));
        }
        return new ProviderHealth(
                results.stream().allMatch(result -> result.result().equals("passed")), results);
    }

    private static List<CheckResult> made(Step probe, Advice advice) {
        ObservedChecks observed = new ObservedChecks();
        try {
            new Checks(observed).inOrder(probe);
        } catch (RefusedException e) {
            observed.refused(e.reason());
        }
        return observed.made(advice);
    }
}
