// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.ExternalTokenRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A JWT in JWS compact serialisation (RFC 7515, section 7.1), split into its parts. Its signature is <em>not</em>
 * checked yet, see {@code SignatureVerifier}.
 */
public final class SignedJwt {

    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");
    private static final JsonMapper STRICT_JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String signingInput;
    private final byte[] signature;
    private final TokenClaims header;
    private final TokenClaims claims;

    private SignedJwt(String signingInput, byte[] signature, TokenClaims header, TokenClaims claims) {
        this.signingInput = signingInput;
        this.signature = signature;
        this.header = header;
        this.claims = claims;
    }

    /**
     * Splits a JWT into its parts. A text is meant as a JWT if its first part is a JSON object with {@code alg}. Its
     * first letters alone do not decide, because other systems sign JSON in three parts, too. An encrypted token, which
     * has five parts, is opaque.
     *
     * @return the JWT, or nothing if the text is opaque
     * @throws ExternalTokenRefusedException when the text is meant as a JWT, but is cut off, not well-formed, or names
     *     a member twice
     */
    public static Optional<SignedJwt> in(String text) {
        String[] parts = text.split("\\.", -1);
        return parts.length == 1
                ? Optional.empty()
                : header(parts[0])
                        .filter(header -> parts.length != Decryption.PARTS_OF_A_JWE || !header.has("enc"))
                        .map(header -> parse(text, header));
    }

    private static SignedJwt parse(String text, TokenClaims header) {
        if (!COMPACT.matcher(text).matches()) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED);
        }
        int payload = text.indexOf('.') + 1;
        int signature = text.lastIndexOf('.') + 1;
        return new SignedJwt(
                text.substring(0, signature - 1),
                decode(text.substring(signature)),
                header,
                readJson(decode(text.substring(payload, signature - 1))));
    }

    private static Optional<TokenClaims> header(String part) {
        byte[] header;
        try {
            header = Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        boolean isMeantAsObject =
                new String(header, StandardCharsets.UTF_8).stripLeading().startsWith("{");
        return isMeantAsObject ? Optional.of(readJson(header)).filter(claims -> claims.has("alg")) : Optional.empty();
    }

    public String signingInput() {
        return signingInput;
    }

    public byte[] signature() {
        return signature.clone();
    }

    public TokenClaims claims() {
        return claims;
    }

    /** Returns the JWS algorithm that the header names (RFC 7515, section 4.1.1). */
    public String algorithm() {
        return header.text("alg").orElseThrow(() -> new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED));
    }

    /** Returns {@code typ} of the header (RFC 7515, section 4.1.9). */
    public Optional<String> type() {
        return header.text("typ");
    }

    public Optional<String> keyId() {
        return header.text("kid");
    }

    /**
     * Returns whether the header names extensions that must be understood (RFC 7515, section 4.1.11). We understand
     * none.
     */
    public boolean hasCriticalHeader() {
        return header.has("crit");
    }

    /**
     * Returns the kinds that the token may be, see {@link TokenKinds#of}.
     *
     * @param ours our client ids at the provider
     */
    public TokenKinds kinds(Set<String> ours) {
        return TokenKinds.of(header.text("typ"), claims, ours);
    }

    private static TokenClaims readJson(byte[] part) {
        try {
            JsonNode json = STRICT_JSON.readTree(part);
            return new TokenClaims(json);
        } catch (IOException e) {
            // not passed on as the cause, because its message would quote the token
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED);
        }
    }

    private static byte[] decode(String part) {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw new ExternalTokenRefusedException(ReasonCode.TOKEN_MALFORMED);
        }
    }
}
