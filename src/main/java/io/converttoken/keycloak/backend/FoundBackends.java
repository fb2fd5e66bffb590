// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.backend;

import io.converttoken.keycloak.internals.ModelCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.RealmModel;

/**
 * The mappers of backends that were found in the database before, kept with the realm in Keycloak's cache. They are
 * forgotten on all nodes when an administrator saves or deletes a mapper or an identity provider, see
 * {@link MapperGuard}. They are also forgotten after a few seconds in any case, because Keycloak does not announce the
 * mappers that an import adds. A name that was not found is not kept, so that a backend that is added works at once.
 */
final class FoundBackends {

    private static final Duration LIFESPAN = Duration.ofSeconds(5);

    private final RealmModel realm;

    FoundBackends(RealmModel realm) {
        this.realm = realm;
    }

    /**
     * The parts of which a backend was made.
     *
     * @param identityProvider the identity provider's internal id, because another one may have its alias by now
     * @param mapper the mapper of our type
     * @param others the identity provider's other mappers, in the order in which Keycloak runs them
     */
    record Parts(
            String identityProvider, IdentityProviderMapperModel mapper, List<IdentityProviderMapperModel> others) {

        Parts {
            others = List.copyOf(others);
        }

        Stream<IdentityProviderMapperModel> mappers() {
            return Stream.concat(Stream.of(mapper), others.stream());
        }
    }

    Optional<Parts> find(String name) {
        return ModelCache.beside(realm)
                .map(beside -> (Kept) beside.get(new Key(name)))
                .filter(Kept::isFresh)
                .map(Kept::parts);
    }

    void keep(String name, Parts parts) {
        ModelCache.beside(realm).ifPresent(beside -> beside.put(new Key(name), new Kept(parts, System.nanoTime())));
    }

    /** Forgets all found mappers of the realm, on all nodes, when the transaction of the realm's session has ended. */
    void forget() {
        ModelCache.forget(realm);
    }

    /** A type of its own, because other code keeps things with the realm, too. */
    private record Key(String name) {}

    private record Kept(Parts parts, long since) {

        boolean isFresh() {
            return System.nanoTime() - since < LIFESPAN.toNanos();
        }
    }
}
