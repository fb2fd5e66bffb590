// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.rest.stock;

import io.converttoken.keycloak.testing.KeycloakServer;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What every call of the script came to on one server, in lines that two servers share where they did the same. */
public final class Recording {

    /** There are many sign-ins, and nothing is compared in how passwords are kept. */
    private static final String CHEAP_PASSWORDS = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)";

    private final Map<String, List<String>> outcomes = new LinkedHashMap<>();
    private final Map<String, AssertionError> broken = new LinkedHashMap<>();

    private Recording() {}

    /** One part of the script. Its calls have clients and users of their own, so that a part that breaks leaves the others. */
    private interface Part {

        void run(Recorder recorder);
    }

    private static final Map<String, Part> SCRIPT = parts();

    private static Map<String, Part> parts() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("public pages", PublicCalls::run);
        parts.put("sign-in", SignInCalls::run);
        parts.put("refresh", RefreshCalls::run);
        parts.put("other grants", OtherGrantCalls::run);
        parts.put("token exchange", ExchangeCalls::run);
        parts.put("introspection", IntrospectionCalls::run);
        parts.put("user info", UserInfoCalls::run);
        parts.put("end of sessions", EndCalls::run);
        parts.put("account API", AccountCalls::run);
        parts.put("UMA", UmaCalls::run);
        parts.put("client registration", RegistrationCalls::run);
        parts.put("client policies", PolicyCalls::run);
        parts.put("admin API", AdminCalls::run);
        parts.put("identity providers", IdentityProviderCalls::run);
        return parts;
    }

    /** Runs the script in a new realm, which is removed afterwards. */
    public static Recording of(KeycloakServer keycloak) {
        Recording recording = new Recording();
        try (TestRealm realm = TestRealm.createIn(keycloak, "stock-")) {
            keycloak.admin().updateRealm(realm.name(), Map.of("passwordPolicy", CHEAP_PASSWORDS));
            Expiring expiring = Expiring.in(realm);
            SCRIPT.forEach((name, part) -> recording.run(name, part, new Recorder(realm, expiring)));
        }
        return recording;
    }

    private void run(String name, Part part, Recorder recorder) {
        try {
            part.run(recorder);
        } catch (AssertionError e) {
            broken.put(name, e);
        }
        recorder.outcomes().forEach((call, lines) -> outcomes.put(name + ": " + call, lines));
    }

    /** The names of the calls, in their order. */
    public List<String> names() {
        return List.copyOf(outcomes.keySet());
    }

    /** What a call came to: sorted lines, none where the call was not made. */
    public List<String> outcome(String call) {
        return outcomes.getOrDefault(call, List.of());
    }

    /** The parts of the script that could not go on, with the reason. */
    public Map<String, AssertionError> broken() {
        return Map.copyOf(broken);
    }
}
