// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keycloak.models.IdentityProviderMapperModel;
import org.keycloak.models.KeycloakSession;

/**
 * Identity provider mappers as they are in the database at this moment, read by one statement. Keycloak's own queries
 * take one statement for every mapper of the realm, and Keycloak's cache does not notice new mappers.
 */
public final class StoredMappers {

    private static final String QUERY =
            "select m.id, m.name, m.identityProviderAlias, m.identityProviderMapper, key(c), value(c)"
                    + " from IdentityProviderMapperEntity m left join m.config c"
                    + " where m.realmId = :realm and (m.identityProviderMapper = :backends or m.identityProviderAlias = :alias)"
                    + " order by m.id";

    /** No identity provider has this alias. */
    private static final String NO_ALIAS = "";

    private final KeycloakSession session;
    private final String ofBackends;

    /** @param ofBackends the type of the mappers that make backends */
    public StoredMappers(KeycloakSession session, String ofBackends) {
        this.session = session;
        this.ofBackends = ofBackends;
    }

    /** Returns the mappers that make backends. */
    public List<IdentityProviderMapperModel> ofBackends() {
        return ofBackendsAnd(NO_ALIAS);
    }

    /**
     * Returns the mappers that make backends, and all mappers of one identity provider, in the order in which Keycloak
     * runs them.
     */
    public List<IdentityProviderMapperModel> ofBackendsAnd(String alias) {
        Map<String, IdentityProviderMapperModel> mappers = new LinkedHashMap<>();
        List<Object[]> rows = Database.of(session)
                .createQuery(QUERY, Object[].class)
                .setParameter("realm", session.getContext().getRealm().getId())
                .setParameter("backends", ofBackends)
                .setParameter("alias", alias)
                .getResultList();
        for (Object[] row : rows) {
            IdentityProviderMapperModel mapper = mappers.computeIfAbsent((String) row[0], id -> mapper(row));
            if (row[4] != null) {
                mapper.getConfig().put((String) row[4], (String) row[5]);
            }
        }
        return List.copyOf(mappers.values());
    }

    private static IdentityProviderMapperModel mapper(Object[] row) {
        IdentityProviderMapperModel mapper = new IdentityProviderMapperModel();
        mapper.setId((String) row[0]);
        mapper.setName((String) row[1]);
        mapper.setIdentityProviderAlias((String) row[2]);
        mapper.setIdentityProviderMapper((String) row[3]);
        mapper.setConfig(new HashMap<>());
        return mapper;
    }
}
