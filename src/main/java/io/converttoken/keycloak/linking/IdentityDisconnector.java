// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.backend.UnknownBackendException;
import io.converttoken.keycloak.cluster.BusyException;
import io.converttoken.keycloak.cluster.ClusterLock;
import io.converttoken.keycloak.reason.Reason;
import io.converttoken.keycloak.reason.ReasonCode;
import java.util.Optional;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/** Disconnects an identity from the account of somebody who is signed in. */
public final class IdentityDisconnector {

    private final KeycloakSession session;
    private final RealmModel realm;

    public IdentityDisconnector(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * Disconnects an identity and ends the sessions that came from it.
     *
     * @param backend the name of the backend
     * @param associationId the person's id at the provider; if it is given, it must be the id of the connected identity
     * @param event the event to which details are added
     * @throws UnknownBackendException when no identity provider has that name
     * @throws ConnectionRefusedException when the identity is not connected, or is the last way to sign in
     * @throws BusyException when other requests disconnect identities of this account for too long
     */
    public void disconnect(UserModel user, String backend, Optional<String> associationId, EventBuilder event) {
        String alias = new Backends(session).aliasOf(backend);
        event.detail(Details.IDENTITY_PROVIDER, alias);
        FederatedIdentityModel link = unlink(user.getId(), alias, associationId);
        event.detail(Details.IDENTITY_PROVIDER_USERNAME, link.getUserName());
        new BrokeredSessions(session).end(user, alias);
    }

    /**
     * Disconnects an identity and leaves the sessions alone. Runs one request at a time for each account, because two at
     * once could each count the other's link as another way to sign in.
     *
     * @param alias the alias of the identity provider
     * @return the identity that was connected
     * @throws ConnectionRefusedException when the identity is not connected, or is the last way to sign in
     * @throws BusyException when other requests disconnect identities of this account for too long
     */
    public FederatedIdentityModel unlink(String userId, String alias, Optional<String> associationId) {
        return new ClusterLock(session, "account", realm.getId() + ":" + userId)
                .decide(() -> LinkingTransaction.run(session, own -> unlink(own, userId, alias, associationId)));
    }

    private FederatedIdentityModel unlink(
            KeycloakSession own, String userId, String alias, Optional<String> associationId) {
        UserModel user = own.users().getUserById(realm, userId);
        FederatedIdentityModel link = Optional.ofNullable(own.users().getFederatedIdentity(realm, user, alias))
                .filter(present -> associationId
                        .filter(id -> !id.equals(present.getUserId()))
                        .isEmpty())
                .orElseThrow(() -> new ConnectionRefusedException(
                        Reason.of(ReasonCode.IDENTITY_NOT_CONNECTED), "This identity is not connected"));
        new LinkingRules(own).requireMayDisconnect(user, alias);
        own.users().removeFederatedIdentity(realm, user, alias);
        return link;
    }
}
