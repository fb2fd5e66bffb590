package io.converttoken.keycloak.verification;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A JWT in JWS compact serialisation (RFC 7515, section 7.1), taken apart: its signature is <em>not</em> checked yet, see
 * {@link SignatureVerifier}.
 */
final class SignedJwt {

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

    /** Whether a token has the form of a JWT, so that it must be read as one. */
    static boolean looksLike(ExternalToken token) {
        return token.value().startsWith("eyJ") && token.value().indexOf('.') > 0;
    }

    /**
     * Takes a JWT apart.
     *
     * @throws ExternalTokenRefusedException when it is not a JWT, is encrypted, or names a claim twice
     */
    static SignedJwt parse(ExternalToken token) {
        if (!COMPACT.matcher(token.value()).matches()) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
        String[] parts = token.value().split("\\.", -1);
        return new SignedJwt(parts[0] + "." + parts[1], decode(parts[2]), readJson(parts[0]), readJson(parts[1]));
    }

    String signingInput() {
        return signingInput;
    }

    byte[] signature() {
        return signature.clone();
    }

    TokenClaims claims() {
        return claims;
    }

    /** The JWS algorithm, as the header names it (RFC 7515, section 4.1.1). */
    String algorithm() {
        return header.text("alg").orElseThrow(() -> new ExternalTokenRefusedException(Refusal.MALFORMED));
    }

    Optional<String> keyId() {
        return header.text("kid");
    }

    /** Extensions that must be understood (RFC 7515, section 4.1.11): we understand none. */
    boolean hasCriticalHeader() {
        return header.has("crit");
    }

    /**
     * The kinds that the token may be, see {@link TokenKinds#of}.
     *
     * @param ours our client ids at the provider
     */
    TokenKinds kinds(Set<String> ours) {
        return TokenKinds.of(header.text("typ"), claims, ours);
    }

    private static TokenClaims readJson(String part) {
        try {
            JsonNode json = STRICT_JSON.readTree(decode(part));
            return new TokenClaims(json);
        } catch (IOException e) {
            // not as the cause: it would quote the token
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
    }

    private static byte[] decode(String part) {
        try {
            return Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw new ExternalTokenRefusedException(Refusal.MALFORMED);
        }
    }
}
