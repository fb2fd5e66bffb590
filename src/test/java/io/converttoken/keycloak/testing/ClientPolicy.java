// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A realm's client policies, as the admin API takes them. */
public final class ClientPolicy {

    public static final List<Map<String, ?>> ANY_CLIENT =
            List.of(Map.of("condition", "any-client", "configuration", Map.of()));

    private static final String NAME = "policy";

    private ClientPolicy() {}

    /** One profile, of one executor. */
    public static Map<String, ?> profile(String name, String executor, Object configuration) {
        return Map.of(
                "profiles",
                List.of(Map.of(
                        "name",
                        name,
                        "executors",
                        List.of(Map.of("executor", executor, "configuration", configuration)))));
    }

    /** One policy, which is enabled. */
    public static Map<String, ?> policy(
            Optional<String> mode, List<? extends Map<String, ?>> conditions, String profile) {
        Map<String, Object> policy = new LinkedHashMap<>(
                Map.of("name", NAME, "enabled", true, "conditions", conditions, "profiles", List.of(profile)));
        mode.ifPresent(value -> policy.put("mode", value));
        return Map.of("policies", List.of(policy));
    }

    /** From now on this executor acts where the conditions hold, and no other one. */
    public static void enforce(
            TestRealm realm,
            Optional<String> mode,
            List<? extends Map<String, ?>> conditions,
            String executor,
            Object configuration) {
        realm.admin().put(realm.name() + "/client-policies/profiles", profile(NAME, executor, configuration));
        apply(realm, policy(mode, conditions, NAME));
    }

    /** From now on these policies hold, and no others. */
    public static void apply(TestRealm realm, Map<String, ?> policies) {
        realm.admin().put(realm.name() + "/client-policies/policies", policies);
    }

    /** From now on no policy holds. */
    public static void applyNone(TestRealm realm) {
        apply(realm, Map.of("policies", List.of()));
    }
}
