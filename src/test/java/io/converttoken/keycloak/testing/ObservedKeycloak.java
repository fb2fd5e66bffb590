// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/**
 * A Keycloak of its own whose metrics and traces are read, with all limits as they are by default; the same for all classes of a
 * run that ask for it.
 */
public final class ObservedKeycloak implements CloseableResource {

    private final KeycloakServer server;
    private final TraceCollector traces;
    private final TestRealm realm;
    private final TestClient machine;

    private ObservedKeycloak(KeycloakServer server, TraceCollector traces, TestRealm realm, TestClient machine) {
        this.server = server;
        this.traces = traces;
        this.realm = realm;
        this.machine = machine;
    }

    static ObservedKeycloak start(SocialHosts hosts) {
        TraceCollector traces = TraceCollector.start();
        KeycloakServer server = KeycloakServer.startObserved(hosts, traces);
        TestRealm realm = TestRealm.createIn(server);
        realm.admin().addClientRole(realm.name(), TestRealm.ALICE.username(), "account", "manage-account");
        TestClient machine = realm.addConfidentialClient("machine", Map.of("serviceAccountsEnabled", true));
        return new ObservedKeycloak(server, traces, realm, machine);
    }

    public KeycloakServer server() {
        return server;
    }

    public TraceCollector traces() {
        return traces;
    }

    public TestRealm realm() {
        return realm;
    }

    /** A client that gets tokens of its own. */
    public TestClient machine() {
        return machine;
    }

    @Override
    public void close() {
        server.close();
        traces.close();
    }
}
