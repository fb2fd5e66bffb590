package example.listedusers;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.keycloak.component.ComponentModel;
import org.keycloak.credential.CredentialInput;
import org.keycloak.credential.CredentialInputValidator;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.credential.PasswordCredentialModel;
import org.keycloak.storage.StorageId;
import org.keycloak.storage.UserStorageProvider;
import org.keycloak.storage.adapter.AbstractUserAdapterFederatedStorage;
import org.keycloak.storage.user.UserLookupProvider;
import org.keycloak.storage.user.UserRegistrationProvider;

/**
 * Users by name, whose password is their name. What Keycloak sets of them is kept as most user storages keep it: by
 * {@link AbstractUserAdapterFederatedStorage}, which reads and rewrites all that Keycloak stores about federated users.
 */
public final class ListedUsers
        implements UserStorageProvider, UserLookupProvider, UserRegistrationProvider, CredentialInputValidator {

    private static final Set<String> REMOVED = ConcurrentHashMap.newKeySet();

    private final KeycloakSession session;
    private final ComponentModel model;

    ListedUsers(KeycloakSession session, ComponentModel model) {
        this.session = session;
        this.model = model;
    }

    @Override
    public UserModel getUserById(RealmModel realm, String id) {
        return getUserByUsername(realm, StorageId.externalId(id));
    }

    @Override
    public UserModel getUserByUsername(RealmModel realm, String username) {
        boolean isListed = Arrays.asList(model.get("names", "").split(",", -1)).contains(username);
        return isListed && !REMOVED.contains(id(username)) ? new Adapter(realm, username) : null;
    }

    @Override
    public UserModel getUserByEmail(RealmModel realm, String email) {
        return null;
    }

    /** Brings a user back who was removed, under the same id. */
    @Override
    public UserModel addUser(RealmModel realm, String username) {
        return REMOVED.remove(id(username)) ? getUserByUsername(realm, username) : null;
    }

    @Override
    public boolean removeUser(RealmModel realm, UserModel user) {
        return REMOVED.add(user.getId());
    }

    @Override
    public boolean supportsCredentialType(String credentialType) {
        return credentialType.equals(PasswordCredentialModel.TYPE);
    }

    @Override
    public boolean isConfiguredFor(RealmModel realm, UserModel user, String credentialType) {
        return supportsCredentialType(credentialType);
    }

    @Override
    public boolean isValid(RealmModel realm, UserModel user, CredentialInput input) {
        return user.getUsername().equals(input.getChallengeResponse());
    }

    @Override
    public void close() {
        // holds nothing
    }

    private String id(String username) {
        return StorageId.keycloakId(model, username);
    }

    private final class Adapter extends AbstractUserAdapterFederatedStorage {

        private final String username;

        Adapter(RealmModel realm, String username) {
            super(ListedUsers.this.session, realm, model);
            this.username = username;
        }

        @Override
        public String getUsername() {
            return username;
        }

        @Override
        public void setUsername(String other) {
            // a listed user keeps the name
        }
    }
}
