// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.UserProvider;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.UserModelDelegate;
import org.keycloak.provider.Provider;

/**
 * Drops imported users from the cache when the transaction of a session is rolled back. The users of directories whom
 * that transaction has imported are then in no table. {@code UserCacheSession.managedUsers} (Keycloak 26.7.3) holds the
 * users whom a session has met. If this field is missing, all users of the realm are dropped, which costs time and
 * nothing else.
 */
final class ImportedUsers extends AbstractKeycloakTransaction {

    private static final Logger LOGGER = Logger.getLogger(ImportedUsers.class);

    private static final String MET = "managedUsers";

    private final KeycloakSession session;
    private final Provider cache;

    ImportedUsers(KeycloakSession session, Provider cache) {
        this.session = session;
        this.cache = cache;
    }

    @Override
    protected void commitImpl() {
        // the imported users are in the database
    }

    @Override
    protected void rollbackImpl() {
        try {
            forget();
        } catch (RuntimeException e) {
            LOGGER.errorf(
                    "The user cache may name users who are not there, clear it: %s",
                    e.getClass().getName());
        }
    }

    private void forget() {
        Optional<List<LowerCaseUser>> ofDirectories = met().map(ImportedUsers::ofDirectories);
        if (ofDirectories.filter(List::isEmpty).isEmpty()) {
            String realmId = session.getContext().getRealm().getId();
            KeycloakModelUtils.runJobInTransaction(
                    session.getKeycloakSessionFactory(), own -> forget(own, realmId, ofDirectories));
        }
    }

    private static List<LowerCaseUser> ofDirectories(Collection<UserModel> met) {
        return met.stream()
                .filter(user -> user.getFederationLink() != null)
                .map(LowerCaseUser::new)
                .toList();
    }

    /** A user with the names in lower case, under which {@code UserCacheSession} keeps them. */
    private static final class LowerCaseUser extends UserModelDelegate {

        LowerCaseUser(UserModel user) {
            super(user);
        }

        @Override
        public String getUsername() {
            return super.getUsername().toLowerCase(Locale.ROOT);
        }

        @Override
        public @Nullable String getEmail() {
            String email = super.getEmail();
            return email == null ? null : email.toLowerCase(Locale.ROOT);
        }
    }

    private static void forget(KeycloakSession own, String realmId, Optional<List<LowerCaseUser>> ofDirectories) {
        RealmModel realm = own.realms().getRealm(realmId);
        own.getContext().setRealm(realm);
        if (ofDirectories.isEmpty()) {
            ModelCache.forgetUsers(own);
            return;
        }
        UserProvider stored = own.getProvider(UserProvider.class);
        ofDirectories.get().stream()
                .filter(user -> stored.getUserById(realm, user.getId()) == null)
                .forEach(user -> ModelCache.forget(own, user));
    }

    @SuppressWarnings("unchecked") // a map from ids to users
    private Optional<Collection<UserModel>> met() {
        for (Class<?> type = cache.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Field met = type.getDeclaredField(MET);
                met.setAccessible(true);
                return Optional.of(List.copyOf(((Map<String, UserModel>) met.get(cache)).values()));
            } catch (NoSuchFieldException inherited) {
                LOGGER.tracef("%s has no field %s", type, MET);
            } catch (IllegalAccessException | RuntimeException e) {
                break;
            }
        }
        LOGGER.errorf(
                "%s does not show which users this transaction has imported, so all users of the realm are dropped from the cache instead",
                cache.getClass().getName());
        return Optional.empty();
    }
}
