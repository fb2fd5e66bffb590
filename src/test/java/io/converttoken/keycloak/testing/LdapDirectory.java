// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.util.LDAPSDKException;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A company's directory on loopback, which realms read, and write where they may. */
public final class LdapDirectory implements AutoCloseable {

    private static final String BASE = "dc=company,dc=example";
    private static final String PEOPLE = "ou=people," + BASE;
    private static final String MANAGER = "cn=manager," + BASE;
    private static final String MANAGERS_PASSWORD = "manager";

    /** Values of Active Directory's {@code userAccountControl}: an account, and one that is disabled. */
    private static final String ENABLED = "512";

    private static final String DISABLED = "514";

    private final InMemoryDirectoryServer server;

    private LdapDirectory(InMemoryDirectoryServer server) {
        this.server = server;
    }

    public static LdapDirectory start() {
        try {
            InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(BASE);
            config.addAdditionalBindCredentials(MANAGER, MANAGERS_PASSWORD);
            // attributes of Active Directory are in no schema of the RFCs
            config.setSchema(null);
            config.setListenerConfigs(
                    InMemoryListenerConfig.createLDAPConfig("ldap", InetAddress.getLoopbackAddress(), 0, null));
            InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
            server.add("dn: " + BASE, "objectClass: domain", "dc: company");
            server.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: people");
            server.startListening();
            return new LdapDirectory(server);
        } catch (LDAPSDKException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Somebody whose password is the user name. */
    public LdapDirectory add(Person person) {
        try {
            server.add(
                    "dn: " + dn(person),
                    "objectClass: inetOrgPerson",
                    "uid: " + person.username(),
                    "cn: " + person.givenName(),
                    "sn: " + person.familyName(),
                    "mail: " + person.email(),
                    "pwdLastSet: 1",
                    "userAccountControl: " + ENABLED,
                    "userPassword: " + person.username());
            return this;
        } catch (LDAPSDKException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An attribute of somebody, where it is there. */
    public Optional<String> attribute(Person person, String name) {
        try {
            return Optional.ofNullable(server.getEntry(dn(person), name)).map(entry -> entry.getAttributeValue(name));
        } catch (LDAPSDKException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As Active Directory does it. */
    public void disable(Person person) {
        change(() ->
                server.modify(dn(person), new Modification(ModificationType.REPLACE, "userAccountControl", DISABLED)));
    }

    public void remove(Person person) {
        change(() -> server.delete(dn(person)));
    }

    /** The entry is the same, by its {@code entryUUID}. */
    public void rename(Person person, String username) {
        change(() -> server.modifyDN(dn(person), "uid=" + username, true));
    }

    @FunctionalInterface
    private interface Change {
        void make() throws LDAPSDKException;
    }

    private static void change(Change change) {
        try {
            change.make();
        } catch (LDAPSDKException e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean has(Person person) {
        try {
            SearchResultEntry entry = server.getEntry(dn(person));
            return entry != null;
        } catch (LDAPSDKException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Lets a realm have the directory's people.
     *
     * @param settings of the user storage, over those that suit this directory
     */
    public void federateWith(TestRealm realm, Map<String, String> settings) {
        Map<String, Object> config = new LinkedHashMap<>();
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "vendor", "other",
                "connectionUrl", "ldap://" + ServerOptions.LOOPBACK + ":" + server.getListenPort(),
                "usersDn", PEOPLE,
                "bindDn", MANAGER,
                "bindCredential", MANAGERS_PASSWORD,
                "usernameLDAPAttribute", "uid",
                "rdnLDAPAttribute", "uid",
                "uuidLDAPAttribute", "entryUUID",
                "userObjectClasses", "inetOrgPerson"));
        all.putAll(Map.of("enabled", "true", "authType", "simple"));
        all.putAll(settings);
        all.forEach((name, value) -> config.put(name, List.of(value)));
        JsonNode representation = realm.admin().get(realm.name());
        addComponent(
                realm,
                Map.of(
                        "name", "directory",
                        "providerId", "ldap",
                        "providerType", "org.keycloak.storage.UserStorageProvider",
                        "parentId", representation.path("id").asText(),
                        "config", config));
    }

    /** Lets a realm that has the directory's people read who of them is disabled, as it is set up for Active Directory. */
    public void letReadWhoIsDisabled(TestRealm realm) {
        String storageId = realm.admin()
                .get(realm.name() + "/components?type=org.keycloak.storage.UserStorageProvider")
                .path(0)
                .path("id")
                .asText();
        addComponent(
                realm,
                Map.of(
                        "name", "account control",
                        "providerId", "msad-user-account-control-mapper",
                        "providerType", "org.keycloak.storage.ldap.mappers.LDAPStorageMapper",
                        "parentId", storageId,
                        "config", Map.of("always.read.enabled.value.from.ldap", List.of("true"))));
    }

    private static String addComponent(TestRealm realm, Map<String, Object> representation) {
        return realm.admin().post(realm.name() + "/components", representation).orElseThrow();
    }

    @Override
    public void close() {
        server.shutDown(true);
    }

    private static String dn(Person person) {
        return "uid=" + person.username() + "," + PEOPLE;
    }
}
