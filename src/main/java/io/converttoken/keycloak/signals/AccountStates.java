// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.cluster.ClusterLock;
import io.converttoken.keycloak.internals.ServerRows;
import io.converttoken.keycloak.signals.LinkedPeople.Linked;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Remembers what the last signal about an identity did to its account, so that an older signal that arrives late, or
 * again, does nothing, and so that only a user whom a signal has disabled is enabled by one. The memory is a row of
 * ours; if the extension is removed, the row does no harm.
 */
final class AccountStates {

    /** The kind of the rows. */
    static final String KIND = "signal";

    private final KeycloakSession session;
    private final RealmModel realm;

    AccountStates(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    /** What the last signal did. */
    private enum State {
        /** It has disabled the user, and nobody has changed the user since. */
        DISABLED,
        /** Something else, or an administrator has changed the user since. */
        OTHER
    }

    /**
     * The row.
     *
     * @param state what the last signal did
     * @param millis when it happened at the provider, in milliseconds since 1970
     * @param modified when the user was last modified, as Keycloak says it; 0 if it says nothing
     */
    private record Last(State state, long millis, long modified) {

        private static final String SEPARATOR = " ";

        static Last parse(String text) {
            String[] parts = text.split(SEPARATOR, -1);
            return new Last(State.valueOf(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        }

        String text() {
            return state + SEPARATOR + millis + SEPARATOR + modified;
        }
    }

    /** Disables the user, unless a later signal or the same one was carried out before. */
    AccountChange disable(Backend backend, Linked linked, Instant happened) {
        return decide(backend, linked, last -> last.isPresent() && !isBefore(last.get(), happened), (own, last) -> {
            Optional<UserModel> user = user(own, linked);
            Optional<UserModel> enabled = user.filter(UserModel::isEnabled);
            enabled.ifPresent(known -> known.setEnabled(false));
            // a user whom somebody else had disabled before stays so when the provider enables the account
            boolean isOurs = enabled.isPresent()
                    || user.filter(known -> isDisabledBy(last, known)).isPresent();
            write(own, backend, linked.link(), isOurs ? State.DISABLED : State.OTHER, happened, user);
            return enabled.isPresent() ? AccountChange.DISABLED : AccountChange.NONE;
        });
    }

    /** Enables the user if a signal has disabled the user, and nobody has changed the user since. */
    AccountChange enable(Backend backend, Linked linked, Instant happened) {
        return decide(
                backend,
                linked,
                last -> last.filter(row -> row.millis() > happened.toEpochMilli())
                        .isPresent(),
                (own, last) -> {
                    Optional<UserModel> ours = user(own, linked).filter(user -> isDisabledBy(last, user));
                    ours.ifPresent(user -> user.setEnabled(true));
                    write(own, backend, linked.link(), State.OTHER, happened, ours);
                    return ours.isPresent() ? AccountChange.ENABLED : AccountChange.NONE;
                });
    }

    private static boolean isBefore(Last last, Instant happened) {
        return last.millis() < happened.toEpochMilli();
    }

    /** Returns whether the user is disabled, and it was a signal that did it, and nobody has changed the user since. */
    private static boolean isDisabledBy(Optional<Last> last, UserModel user) {
        boolean isUntouched = last.filter(row -> row.state() == State.DISABLED && row.modified() == modified(user))
                .isPresent();
        return isUntouched && !user.isEnabled() && user.getFirstAttribute(UserModel.DISABLED_REASON) == null;
    }

    /** Returns whether this signal, or a later one, was carried out before. */
    boolean isOutdated(Backend backend, Linked linked, Instant happened) {
        return read(session, key(backend.identityProvider().getInternalId(), linked.link()))
                .filter(last -> !isBefore(last, happened))
                .isPresent();
    }

    /** Notes that a signal was carried out that neither disables nor enables the user. */
    void note(Backend backend, Linked linked, Instant happened) {
        decide(backend, linked, last -> false, (own, last) -> {
            write(own, backend, linked.link(), State.OTHER, happened, Optional.empty());
            return AccountChange.NONE;
        });
    }

    /** From now on no signal enables the user, because somebody else has changed the user. */
    void touched(UserModel user) {
        session.users()
                .getFederatedIdentitiesStream(realm, user)
                .toList()
                .forEach(link -> Optional.ofNullable(session.identityProviders().getByAlias(link.getIdentityProvider()))
                        .ifPresent(provider -> touched(key(provider.getInternalId(), link))));
    }

    private void touched(ServerRows.Key key) {
        read(session, key)
                .filter(last -> last.state() == State.DISABLED)
                .ifPresent(last ->
                        ServerRows.write(session, key, new Last(State.OTHER, last.millis(), last.modified()).text()));
    }

    /** One request at a time decides about an identity, in a transaction of its own. */
    private AccountChange decide(
            Backend backend,
            Linked linked,
            Predicate<Optional<Last>> isOld,
            BiFunction<KeycloakSession, Optional<Last>, AccountChange> decision) {
        ServerRows.Key key = key(backend.identityProvider().getInternalId(), linked.link());
        return new ClusterLock(session, "signal", key.text())
                .decide(() -> KeycloakModelUtils.runJobInTransactionWithResult(
                        session.getKeycloakSessionFactory(),
                        session.getContext(),
                        own -> {
                            Optional<Last> last = read(own, key);
                            return isOld.test(last) ? AccountChange.NONE : decision.apply(own, last);
                        },
                        "convert-token signal"));
    }

    private Optional<UserModel> user(KeycloakSession own, Linked linked) {
        return Optional.ofNullable(own.users().getUserById(realm, linked.user().getId()));
    }

    private static Optional<Last> read(KeycloakSession own, ServerRows.Key key) {
        return ServerRows.read(own, key).map(Last::parse);
    }

    private void write(
            KeycloakSession own,
            Backend backend,
            FederatedIdentityModel link,
            State state,
            Instant happened,
            Optional<UserModel> user) {
        ServerRows.write(
                own,
                key(backend.identityProvider().getInternalId(), link),
                new Last(
                                state,
                                happened.toEpochMilli(),
                                user.map(AccountStates::modified).orElse(0L))
                        .text());
    }

    private static long modified(UserModel user) {
        return Stream.ofNullable(user.getLastModifiedTimestamp()).findFirst().orElse(0L);
    }

    private ServerRows.Key key(String identityProvider, FederatedIdentityModel link) {
        return ServerRows.Key.of(KIND, realm.getId(), identityProvider, link.getUserId());
    }
}
