// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.converttoken.keycloak.grant.ConvertTokenRequest.Dialect;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.verification.CredentialParameters;
import io.converttoken.keycloak.verification.ExternalToken;
import io.converttoken.keycloak.verification.TokenKind;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.arbitraries.StringArbitrary;

/** Whatever is sent, it is a request or it is refused, and what is refused is not told back. */
class ConvertTokenRequestPropertyTest {

    private static final String SECRET = "s3cret-value";

    @Property
    void anythingIsARequestOrRefused(
            @ForAll("parameters") Map<String, List<String>> parameters, @ForAll Dialect dialect) {
        Throwable thrown = catchThrowable(() -> {
            ConvertTokenRequest request = ConvertTokenRequest.from(multivalued(parameters), dialect);

            assertThat(request.backend()).isNotEmpty().hasSizeLessThanOrEqualTo(255);
            assertThat(request.credential().value()).isNotEmpty().hasSizeLessThanOrEqualTo(ExternalToken.MAX_LENGTH);
            assertThat(request.credential().toString()).endsWith("[redacted]");
            assertThat(request.backend() + request.credential().value()).doesNotContain("\0");
        });

        if (thrown != null) {
            assertThat(thrown).isInstanceOf(InvalidParameterException.class).hasNoCause();
            assertThat(thrown.getMessage()).doesNotContain(SECRET);
        }
    }

    @Property
    void requestSaysWhatWasSent(
            @ForAll("names") String backend,
            @ForAll("tokens") String token,
            @ForAll("nonces") Optional<String> nonce,
            @ForAll Optional<TokenKind> kind) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        parameters.putSingle("backend", backend);
        parameters.putSingle("token", token);
        nonce.ifPresent(value -> parameters.putSingle("nonce", value));
        kind.ifPresent(
                value -> parameters.putSingle("token_type", value == TokenKind.ID_TOKEN ? "id_token" : "access_token"));

        ConvertTokenRequest request = ConvertTokenRequest.from(parameters, Dialect.CONVERT_TOKEN);

        assertThat(request)
                .isEqualTo(
                        new ConvertTokenRequest(backend, new ExternalToken(token, kind, nonce), Dialect.CONVERT_TOKEN));
        assertThat(ConvertTokenRequest.from(exchange(parameters), Dialect.TOKEN_EXCHANGE)
                        .credential()
                        .value())
                .isEqualTo(token.strip());
    }

    /** What watches over token exchanges sees what the conversion reads, and nothing that it does not read. */
    @Property
    void exchangeThatIsShownToPoliciesIsTheConversion(@ForAll("parameters") Map<String, List<String>> parameters) {
        MultivaluedMap<String, String> sent = multivalued(parameters);

        MultivaluedMap<String, String> shown = Dialect.CONVERT_TOKEN.asTokenExchange(sent);

        boolean isCode = sent.getOrDefault("code", List.of()).stream().anyMatch(code -> !code.isEmpty());
        assertThat(shown.get("subject_token")).isEqualTo(sent.get(isCode ? "code" : "token"));
        if (isCode) {
            assertThat(shown.get("subject_token_type")).containsExactly(CredentialParameters.CODE_TYPE);
        }
        assertThat(shown.get("subject_issuer")).isEqualTo(sent.get("backend"));
        assertThat(shown).doesNotContainKeys("audience", "requested_subject", "requested_issuer", "actor_token");
        assertThat(sent).isEqualTo(multivalued(parameters));
    }

    private static MultivaluedMap<String, String> exchange(MultivaluedMap<String, String> parameters) {
        MultivaluedMap<String, String> exchange = Dialect.CONVERT_TOKEN.asTokenExchange(parameters);
        exchange.putIfAbsent("subject_token_type", List.of("urn:ietf:params:oauth:token-type:jwt"));
        return exchange;
    }

    private static MultivaluedMap<String, String> multivalued(Map<String, List<String>> values) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        parameters.putAll(values);
        return parameters;
    }

    @Provide
    Arbitrary<Map<String, List<String>>> parameters() {
        Arbitrary<String> names = Arbitraries.of(
                "backend",
                "token",
                "code",
                "code_verifier",
                "redirect_uri",
                "app_identifier",
                "token_type",
                "nonce",
                "scope",
                "grant_type",
                "subject_token",
                "subject_token_type",
                "subject_issuer",
                "actor_token",
                "audience",
                "requested_token_type",
                "requested_issuer",
                "requested_subject");
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.strings(),
                Arbitraries.of(
                        SECRET,
                        "",
                        "\0",
                        SECRET + "\0",
                        "id_token",
                        "access_token",
                        "refresh_token",
                        "urn:ietf:params:oauth:token-type:id_token",
                        CredentialParameters.CODE_TYPE,
                        "a-code-verifier-that-is-long-enough-for-rfc-7636",
                        "urn:ietf:params:oauth:token-type:jwt"),
                Arbitraries.of(255, 256, 1024, 1025, ExternalToken.MAX_LENGTH, ExternalToken.MAX_LENGTH + 1)
                        .map(length -> (SECRET + "x".repeat(length)).substring(0, length)));
        return Arbitraries.maps(names, values.list().ofMinSize(1).ofMaxSize(2)).ofMaxSize(8);
    }

    @Provide
    Arbitrary<String> names() {
        return text().ofMaxLength(255);
    }

    @Provide
    Arbitrary<String> tokens() {
        return text().ofMaxLength(ExternalToken.MAX_LENGTH).filter(token -> !token.isBlank());
    }

    @Provide
    Arbitrary<Optional<String>> nonces() {
        return text().ofMaxLength(ExternalToken.MAX_NONCE_LENGTH).optional();
    }

    private static StringArbitrary text() {
        return Arbitraries.strings().all().excludeChars('\0').ofMinLength(1);
    }
}
