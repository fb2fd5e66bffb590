// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A look into JWTs, and what a forger would do to them. */
public final class Jwts {

    private Jwts() {}

    public static JsonNode header(String jwt) {
        return part(jwt, 0);
    }

    public static JsonNode claims(String jwt) {
        return part(jwt, 1);
    }

    /** The token with one claim changed and its signature kept. */
    public static String withClaim(String jwt, String name, @Nullable Object value) {
        ObjectNode claims = (ObjectNode) claims(jwt);
        claims.set(name, Json.tree(value));
        return withPayload(jwt, Json.write(claims));
    }

    /** The token with another payload and its signature kept. */
    public static String withPayload(String jwt, String payload) {
        List<String> parts = parts(jwt);
        return parts.get(0) + "." + encode(payload) + "." + parts.get(2);
    }

    /** The token with the last half of its signature cut off. */
    public static String withCutSignature(String jwt) {
        String signature = parts(jwt).get(2);
        return jwt.substring(0, jwt.length() - signature.length() / 2);
    }

    /** The token with nothing after its last dot. */
    public static String withoutSignature(String jwt) {
        return jwt.substring(0, jwt.lastIndexOf('.') + 1);
    }

    public static String encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static JsonNode part(String jwt, int index) {
        return Json.parse(new String(Base64.getUrlDecoder().decode(parts(jwt).get(index)), StandardCharsets.UTF_8));
    }

    private static List<String> parts(String jwt) {
        List<String> parts = List.of(jwt.split("\\.", -1));
        if (parts.size() != 3) {
            throw new AssertionError("Not a signed JWT: " + jwt);
        }
        return parts;
    }
}
