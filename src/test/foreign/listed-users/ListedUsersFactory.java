package example.listedusers;

import org.keycloak.component.ComponentModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.storage.UserStorageProviderFactory;

/** Registers a user storage whose configuration lists its users, by {@code names}, separated by commas. */
public final class ListedUsersFactory implements UserStorageProviderFactory<ListedUsers> {

    public static final String ID = "listed-users";

    @Override
    public String getId() {
        return ID;
    }

    @Override
    public ListedUsers create(KeycloakSession session, ComponentModel model) {
        return new ListedUsers(session, model);
    }
}
