// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.keycloak.broker.provider.IdentityProviderMapper;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * All meters of this node, each bound to its backend or its realm. A meter that outlived its backend would tell the
 * backend's state under the name of the next backend.
 */
public final class NodeMeters implements AutoCloseable {

    private final Map<BackendId, Meters> living = new ConcurrentHashMap<>();

    /** The provider factory that keeps the node's meters. */
    public interface Keeper {

        /** The factory's id among the identity provider mappers. */
        String ID = "convert-token";

        NodeMeters nodeMeters();
    }

    /** Returns the meters of the node to which a session belongs. */
    public static NodeMeters of(KeycloakSession session) {
        return ((Keeper)
                        session.getKeycloakSessionFactory().getProviderFactory(IdentityProviderMapper.class, Keeper.ID))
                .nodeMeters();
    }

    /** Returns the meters of a realm, for what concerns none of its backends. */
    public Meters of(RealmModel realm) {
        return of(BackendId.noneOf(realm.getId()), Labels.ofRealm(realm.getName()));
    }

    /** Returns the meters of a backend under the names that it has now. */
    public Meters of(BackendId backend, Labels labels) {
        // an identity provider may have the very alias that stands for no backend: the registry cannot tell the two
        // apart
        BackendId id = labels.isOfRealm() ? BackendId.noneOf(backend.realm()) : backend;
        Meters meters = living.get(id);
        return meters != null && meters.labels().equals(labels) ? meters : made(id, labels);
    }

    /**
     * Makes new meters. The former owner of the names has to give them up first, because the registry knows meters by
     * their names alone.
     */
    private synchronized Meters made(BackendId id, Labels labels) {
        Meters meters = living.get(id);
        if (meters != null && meters.labels().equals(labels)) {
            return meters;
        }
        drop((other, names) -> other.equals(id) || names.equals(labels));
        Meters made = new Meters(labels);
        living.put(id, made);
        return made;
    }

    /**
     * Drops all meters of the backends and realms for which this holds. Calls that still run do not bring them back.
     */
    public synchronized void drop(BiPredicate<BackendId, Labels> gone) {
        Predicate<Map.Entry<BackendId, Meters>> isGone =
                entry -> gone.test(entry.getKey(), entry.getValue().labels());
        living.entrySet().stream().filter(isGone).toList().forEach(entry -> {
            living.remove(entry.getKey());
            entry.getValue().close();
        });
    }

    /** Returns the backends and realms that have meters, with the names that they have there. */
    public Map<BackendId, Labels> owners() {
        Map<BackendId, Labels> owners = new ConcurrentHashMap<>();
        living.forEach((id, meters) -> owners.put(id, meters.labels()));
        return owners;
    }

    @Override
    public void close() {
        drop((id, labels) -> true);
    }
}
