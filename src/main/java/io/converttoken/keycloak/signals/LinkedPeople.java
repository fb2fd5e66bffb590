// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.brokering.LinkedUsers;
import io.converttoken.keycloak.brokering.LookalikeException;
import io.converttoken.keycloak.brokering.OvertakenException;
import io.converttoken.keycloak.internals.IdentityRows;
import io.converttoken.keycloak.internals.SessionOrigins;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/**
 * Finds the people whom a signal names, among those who are linked to its backend. Nobody else can be hit, whatever the
 * signal says. Ids are compared code point by code point.
 */
final class LinkedPeople {

    private final KeycloakSession session;
    private final RealmModel realm;
    private final String alias;

    /** @param alias the alias of the backend's identity provider */
    LinkedPeople(KeycloakSession session, String alias) {
        this.session = session;
        this.realm = session.getContext().getRealm();
        this.alias = alias;
    }

    /**
     * A user, and the id that is linked.
     *
     * @param user the user
     * @param link the link to the backend
     */
    record Linked(UserModel user, FederatedIdentityModel link) {}

    /** Returns the people, usually one or none. Several may have the same e-mail address. */
    List<Linked> find(Whom whom) {
        if (whom instanceof Whom.ById byId) {
            return byId(byId.id()).stream().toList();
        }
        if (whom instanceof Whom.ByEmail byEmail) {
            return byEmail(byEmail.address());
        }
        if (whom instanceof Whom.ByToken byToken) {
            return linked(StoredTokens.sought(byToken)
                    .map(sought -> IdentityRows.userIdsWithToken(session, alias, sought))
                    .orElseGet(List::of));
        }
        return linked(SessionOrigins.usersFrom(session, alias + "." + ((Whom.BySession) whom).id()));
    }

    private Optional<Linked> byId(String id) {
        FederatedIdentityModel identity = new FederatedIdentityModel(alias, id, null);
        try {
            return new LinkedUsers(session).find(identity).flatMap(this::linked);
        } catch (LookalikeException | OvertakenException e) {
            // somebody else, or somebody who signs in for the first time at this moment
            return Optional.empty();
        }
    }

    /** Takes the address that the account has, and the name that the provider gave to the identity. */
    private List<Linked> byEmail(String address) {
        Stream<String> byAccount = session.users()
                .searchForUserStream(realm, Map.of(UserModel.EMAIL, address, UserModel.EXACT, Boolean.TRUE.toString()))
                .filter(user -> address.equalsIgnoreCase(user.getEmail()))
                .map(UserModel::getId);
        Stream<String> byIdentity = IdentityRows.userIdsNamed(session, alias, address).stream();
        return linked(Stream.concat(byAccount, byIdentity).toList());
    }

    private List<Linked> linked(List<String> userIds) {
        return userIds.stream()
                .distinct()
                .map(id -> session.users().getUserById(realm, id))
                .filter(Objects::nonNull)
                .flatMap(user -> linked(user).stream())
                .toList();
    }

    private Optional<Linked> linked(UserModel user) {
        return Optional.ofNullable(session.users().getFederatedIdentity(realm, user, alias))
                .map(link -> new Linked(user, link));
    }
}
