// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import io.converttoken.keycloak.backend.Backends;
import io.converttoken.keycloak.internals.IdentityRows;
import io.converttoken.keycloak.internals.ServerRows;
import io.converttoken.keycloak.verification.Revocable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.keycloak.common.util.Time;
import org.keycloak.models.FederatedIdentityModel;
import org.keycloak.models.IdentityProviderModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * Looks at one page of the ledger after the other, and makes due what belongs to identities that have vanished without a
 * word, as when a user federation provider is removed with its users.
 */
final class Sweep {

    private static final int PAGE = 500;
    private static final String BEGINNING = ServerRows.Key.end(Ledger.KIND, "0");
    private static final String END = ServerRows.Key.end(Ledger.KIND, "z");

    private final KeycloakSession session;
    private final long now = Time.currentTimeMillis();
    private final long newest;

    Sweep(KeycloakSession session, RevocationOptions options) {
        this.session = session;
        this.newest = now - options.sweepGrace().toMillis();
    }

    /**
     * Looks at one page.
     *
     * @param cursor where the page begins, or an empty text for the first page
     * @return where the next page begins, or an empty text after the last page
     */
    String page(String cursor) {
        List<ServerRows.Row> rows = ServerRows.page(session, cursor.isEmpty() ? BEGINNING : cursor, END, PAGE);
        Map<String, List<Noted>> byRealm = rows.stream()
                .map(row -> new Noted(row.key(), Entry.parse(row.value())))
                .filter(noted -> noted.entry().since() <= newest)
                .collect(Collectors.groupingBy(noted -> noted.entry().realm()));
        byRealm.forEach((realmId, noted) -> Optional.ofNullable(session.realms().getRealm(realmId))
                .ifPresent(realm -> RemovedIdentities.in(realm, session, own -> look(realm, noted))));
        return rows.size() < PAGE ? "" : rows.get(rows.size() - 1).key().text() + "0";
    }

    private record Noted(ServerRows.Key key, Entry entry) {

        Revocable revocable() {
            return entry.revocable();
        }
    }

    private void look(RealmModel realm, List<Noted> noted) {
        noted.stream()
                .collect(Collectors.groupingBy(each -> each.entry().provider()))
                .forEach((id, ofProvider) -> Optional.ofNullable(
                                session.identityProviders().getById(id))
                        .ifPresentOrElse(provider -> look(realm, provider, ofProvider), () -> forget(ofProvider)));
    }

    /** With the identity provider everything has gone with which a revocation could be sent. */
    private void forget(List<Noted> noted) {
        noted.forEach(each -> ServerRows.delete(session, each.key()));
    }

    private void look(RealmModel realm, IdentityProviderModel provider, List<Noted> noted) {
        Set<String> people =
                noted.stream().map(each -> each.revocable().person()).collect(Collectors.toUnmodifiableSet());
        Set<String> linked = IdentityRows.linked(session, realm.getId(), provider.getAlias(), people);
        List<Noted> gone = noted.stream()
                .filter(each -> !linked.contains(each.revocable().person()))
                .filter(each -> !isLinkedElsewhere(realm, provider, each))
                .toList();
        if (!gone.isEmpty()) {
            new Backends(session)
                    .of(provider)
                    .ifPresent(backend -> gone.forEach(
                            each -> RemovedIdentities.makeDue(session, backend, each.key(), each.entry())));
        }
    }

    /** Users whom a user storage keeps have their links in another table. */
    private boolean isLinkedElsewhere(RealmModel realm, IdentityProviderModel provider, Noted noted) {
        FederatedIdentityModel link = new FederatedIdentityModel(
                provider.getAlias(),
                noted.revocable().person(),
                noted.revocable().person());
        return Objects.nonNull(session.users().getUserByFederatedIdentity(realm, link));
    }
}
