// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.revocation;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.verification.Revocable;
import java.io.IOException;
import org.keycloak.util.JsonSerialization;

/**
 * What is known of something revocable. {@code toString} does not show it.
 *
 * @param realm the id of the realm
 * @param provider the internal id of the identity provider
 * @param alias the alias of the identity provider, at that time
 * @param user the id of the user
 * @param revocable what can be revoked
 * @param since when it was noted, or when it became due, in milliseconds since 1970
 * @param attempts how many attempts to revoke it have failed
 */
record Entry(String realm, String provider, String alias, String user, Revocable revocable, long since, int attempts) {

    Entry dueAt(long now) {
        return new Entry(realm, provider, alias, user, revocable, now, 0);
    }

    Entry failed() {
        return new Entry(realm, provider, alias, user, revocable, since, attempts + 1);
    }

    String text() {
        return JsonSerialization.mapper
                .createObjectNode()
                .put("realm", realm)
                .put("provider", provider)
                .put("alias", alias)
                .put("user", user)
                .put("person", revocable.person())
                .put("client_id", revocable.clientId())
                .put("token", revocable.token())
                .put("since", since)
                .put("attempts", attempts)
                .toString();
    }

    static Entry parse(String text) {
        try {
            JsonNode json = JsonSerialization.mapper.readTree(text);
            return new Entry(
                    json.path("realm").asText(),
                    json.path("provider").asText(),
                    json.path("alias").asText(),
                    json.path("user").asText(),
                    new Revocable(
                            json.path("person").asText(),
                            json.path("client_id").asText(),
                            json.path("token").asText()),
                    json.path("since").asLong(),
                    json.path("attempts").asInt());
        } catch (IOException e) {
            throw new IllegalStateException("A row of ours is not JSON");
        }
    }

    @Override
    public String toString() {
        return "Entry[" + alias + "]";
    }
}
