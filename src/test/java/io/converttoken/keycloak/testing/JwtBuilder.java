// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A JWT in the making, genuine until told otherwise: each method says what is different about this one. */
public final class JwtBuilder {

    private final TokenIssuer provider;
    private final Person person;
    private final Map<String, Object> header = new LinkedHashMap<>();
    private final Map<String, Object> claims = new LinkedHashMap<>();
    private Signature signature;
    private UnaryOperator<String> headerText = UnaryOperator.identity();
    private boolean known;

    /** @param person whose profile an access token opens */
    public JwtBuilder(TokenIssuer provider, Person person) {
        this.provider = provider;
        this.person = person;
        Instant now = Instant.now();
        issuer(provider.issuer());
        subject(person.subject());
        issuedAt(now);
        expiresAt(now.plus(Duration.ofMinutes(5)));
        type("JWT");
        this.signature = by(provider.key());
    }

    @FunctionalInterface
    private interface Signature {
        String of(byte[] input) throws JOSEException, ParseException;
    }

    // claims

    public JwtBuilder issuer(String issuer) {
        return claim("iss", issuer);
    }

    public JwtBuilder subject(String subject) {
        return claim("sub", subject);
    }

    public JwtBuilder noSubject() {
        return without("sub");
    }

    /** One audience as a string, several as a list. */
    public JwtBuilder audience(String... audiences) {
        return claim("aud", audiences.length == 1 ? audiences[0] : List.of(audiences));
    }

    public JwtBuilder azp(String clientId) {
        return claim("azp", clientId);
    }

    /** Seconds from now; negative for the past. */
    public JwtBuilder expiresIn(Duration duration) {
        return expiresAt(Instant.now().plus(duration));
    }

    public JwtBuilder expiresAt(Instant instant) {
        return claim("exp", instant.getEpochSecond());
    }

    public JwtBuilder noExpiry() {
        return without("exp");
    }

    public JwtBuilder notBefore(Instant instant) {
        return claim("nbf", instant.getEpochSecond());
    }

    public JwtBuilder issuedAt(Instant instant) {
        return claim("iat", instant.getEpochSecond());
    }

    public JwtBuilder noIssuedAt() {
        return without("iat");
    }

    public JwtBuilder nonce(String nonce) {
        return claim("nonce", nonce);
    }

    public JwtBuilder claim(String name, Object value) {
        claims.put(name, value);
        return this;
    }

    public JwtBuilder claims(Map<String, Object> more) {
        claims.putAll(more);
        return this;
    }

    public JwtBuilder without(String claim) {
        claims.remove(claim);
        return this;
    }

    // header

    /** Header {@code typ}. */
    public JwtBuilder type(String type) {
        return header("typ", type);
    }

    public JwtBuilder noType() {
        header.remove("typ");
        return this;
    }

    /** Another key id in the header than the signing key's own; call it after choosing the key. */
    public JwtBuilder kid(String kid) {
        return header("kid", kid);
    }

    public JwtBuilder noKid() {
        header.remove("kid");
        return this;
    }

    public JwtBuilder header(String name, Object value) {
        header.put(name, value);
        return this;
    }

    /** The header's JSON text, as another library than ours would write it. */
    public JwtBuilder headerText(UnaryOperator<String> change) {
        headerText = change;
        return this;
    }

    // signature

    /** Signed by an Ed25519 key under the name {@code EdDSA} (RFC 8037) or {@code Ed25519} (RFC 9864). */
    public JwtBuilder signedBy(Ed25519Key other, String algorithm) {
        kid(other.keyId());
        header("alg", algorithm);
        signature = input -> Jwts.encode(other.sign(input));
        return this;
    }

    /** Signed by another key, RSA or elliptic curve, whose id goes into the header. */
    public JwtBuilder signedBy(JWK other) {
        signature = by(other);
        return this;
    }

    /** Another algorithm of the same key, such as {@code PS256} or {@code RS512}. */
    public JwtBuilder algorithm(JWSAlgorithm algorithm) {
        return header("alg", algorithm.getName());
    }

    /** {@code alg} none and an empty signature. */
    public JwtBuilder unsigned() {
        header("alg", "none");
        signature = input -> "";
        return this;
    }

    /** HMAC with the published key's PEM text as the secret. */
    public JwtBuilder hmacOfPublicKeyPem() {
        return hmac(provider.publicKeyPem().getBytes(StandardCharsets.US_ASCII));
    }

    /** HMAC with the published key's DER bytes as the secret. */
    public JwtBuilder hmacOfPublicKeyDer() {
        return hmac(provider.publicKeyDer());
    }

    /** HMAC with our own client secret, as OpenID Connect allows it to confidential clients. */
    public JwtBuilder hmacOfClientSecret() {
        return hmac(provider.clientSecret().getBytes(StandardCharsets.US_ASCII));
    }

    /** Signed by a key of the forger's, which the header offers for verification. */
    public JwtBuilder offersItsOwnKey(RSAKey forged) {
        signedBy(forged);
        return header("jwk", forged.toPublicJWK().toJSONObject());
    }

    JwtBuilder knownToProvider() {
        known = true;
        return this;
    }

    /** The token in compact form. Access tokens are known to the provider's user info and introspection from here on. */
    public String mint() {
        String input = Jwts.encode(headerText.apply(Json.write(header))) + "." + Jwts.encode(Json.write(claims));
        try {
            String token = input + "." + signature.of(input.getBytes(StandardCharsets.US_ASCII));
            if (known) {
                provider.issue(token, introspection(), person.claims());
            }
            return token;
        } catch (JOSEException | ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Object> introspection() {
        Map<String, Object> answer = new LinkedHashMap<>(claims);
        answer.put(
                "active",
                !(claims.get("exp") instanceof Long exp) || exp > Instant.now().getEpochSecond());
        return answer;
    }

    private Signature by(JWK key) {
        kid(key.getKeyID());
        header("alg", key instanceof ECKey ? "ES256" : "RS256");
        return input -> signer(key).sign(JWSHeader.parse(header), input).toString();
    }

    private static JWSSigner signer(JWK key) throws JOSEException {
        return key instanceof ECKey ec ? new ECDSASigner(ec) : new RSASSASigner(key.toRSAKey());
    }

    private JwtBuilder hmac(byte[] secret) {
        header("alg", "HS256");
        signature = input ->
                new MACSigner(secret).sign(JWSHeader.parse(header), input).toString();
        return this;
    }
}
