package example.inside;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hibernate.Session;
import org.infinispan.Cache;
import org.keycloak.connections.infinispan.InfinispanConnectionProvider;
import org.keycloak.connections.jpa.JpaConnectionProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.cache.infinispan.entities.CachedUser;
import org.keycloak.models.cache.infinispan.entities.UserListQuery;
import org.keycloak.services.resource.RealmResourceProvider;

/** Shows what this node holds: its tables, what it remembers of users, and what is used up. */
public final class Inside implements RealmResourceProvider {

    private final KeycloakSession session;

    Inside(KeycloakSession session) {
        this.session = session;
    }

    @Override
    public Object getResource() {
        return this;
    }

    @Override
    public void close() {
        // holds nothing
    }

    /**
     * Each table with its number of rows and a checksum of them; users whom the cache names and the database does not have;
     * the keys of the single-use store.
     */
    @GET
    @Path("state")
    @Produces(MediaType.APPLICATION_JSON)
    public Map<String, Object> state() {
        return database().doReturningWork(connection ->
                Map.of("tables", tables(connection), "phantoms", phantoms(connection), "used", used()));
    }

    private Session database() {
        return session.getProvider(JpaConnectionProvider.class).getEntityManager().unwrap(Session.class);
    }

    private static Map<String, String> tables(Connection connection) throws SQLException {
        Map<String, String> tables = new TreeMap<>();
        List<String> names = new ArrayList<>();
        try (ResultSet all = connection
                .getMetaData()
                .getTables(connection.getCatalog(), connection.getSchema(), "%", new String[] {"TABLE", "BASE TABLE"})) {
            while (all.next()) {
                names.add(all.getString("TABLE_NAME"));
            }
        }
        for (String name : names) {
            tables.put(name, contents(connection, name));
        }
        return tables;
    }

    private static String contents(Connection connection, String table) throws SQLException {
        long rows = 0;
        long sum = 0;
        try (Statement statement = connection.createStatement();
                ResultSet all = statement.executeQuery("select * from " + table)) {
            int columns = all.getMetaData().getColumnCount();
            while (all.next()) {
                StringBuilder row = new StringBuilder();
                for (int column = 1; column <= columns; column++) {
                    row.append(all.getString(column)).append('\n');
                }
                rows++;
                sum += row.toString().hashCode() * 31L;
            }
        }
        return rows + " rows, " + Long.toHexString(sum);
    }

    private Set<String> phantoms(Connection connection) throws SQLException {
        Set<String> known = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet all = statement.executeQuery("select ID from USER_ENTITY")) {
            while (all.next()) {
                known.add(all.getString(1));
            }
        }
        Set<String> phantoms = new TreeSet<>();
        for (Map.Entry<Object, Object> entry : cache("users").entrySet()) {
            if (entry.getValue() instanceof CachedUser user) {
                add(user.getId(), entry.getKey(), known, phantoms);
            }
            if (entry.getValue() instanceof UserListQuery query) {
                query.getUsers().forEach(id -> add(id, entry.getKey(), known, phantoms));
            }
        }
        return phantoms;
    }

    private static void add(String id, Object key, Set<String> known, Set<String> phantoms) {
        // whom a user storage keeps is in no table
        if (!id.startsWith("f:") && !known.contains(id)) {
            phantoms.add(key + " -> " + id);
        }
    }

    private Set<String> used() {
        Set<String> keys = new TreeSet<>();
        cache("actionTokens").keySet().forEach(key -> keys.add(String.valueOf(key)));
        return keys;
    }

    private Cache<Object, Object> cache(String name) {
        return session.getProvider(InfinispanConnectionProvider.class).getCache(name);
    }
}
