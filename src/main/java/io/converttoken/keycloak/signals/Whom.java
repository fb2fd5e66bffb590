// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Whom a signal is about, as the provider says it. */
sealed interface Whom {

    /** The id that the provider has given to the person. */
    record ById(String id) implements Whom {}

    /** An e-mail address. */
    record ByEmail(String address) implements Whom {}

    /**
     * A token that the provider has given to us.
     *
     * @param algorithm how the token is shortened, such as {@code prefix}
     * @param value what is left of it
     */
    record ByToken(String algorithm, String value) implements Whom {

        @Override
        public String toString() {
            return "ByToken[" + algorithm + "]";
        }
    }

    /** A session at the provider, whoever has it. */
    record BySession(String id) implements Whom {}

    /** Returns the id in a member of an object. */
    static Optional<Whom> byId(JsonNode object, String member) {
        return SignalJson.id(object, member).map(ById::new);
    }
}
