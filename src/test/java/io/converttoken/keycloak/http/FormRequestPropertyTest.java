// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever is sent, it is read or refused, and what is refused is not told back. */
class FormRequestPropertyTest {

    private static final String NAME = "name";

    @Property
    void whatIsNoJsonObjectIsMalformed(@ForAll String body) {
        assertReadOrRefused(body);
    }

    @Property
    void whatLooksLikeJsonIsReadOrMalformed(@ForAll("almostJson") String body) {
        assertReadOrRefused(body);
    }

    @Property
    void plainValuesArriveAsTheyWereSent(@ForAll("parameters") Map<String, String> parameters)
            throws JsonProcessingException {
        FormRequest request = json(new ObjectMapper().writeValueAsString(parameters));

        assertThat(request.getDecodedFormParameters()).hasSameSizeAs(parameters);
        parameters.forEach((name, value) ->
                assertThat(request.getDecodedFormParameters().get(name)).containsExactly(value));
    }

    @Example
    void noMoreIsReadThanIsNeededToRefuse() {
        List<String> endless = List.of(
                "{\"a\":\"" + "a".repeat(1_000_000),
                "{\"" + "a".repeat(1_000_000),
                "{\"a\":" + "1".repeat(1_000_000),
                " ".repeat(1_000_000),
                "{\"a\":" + "[".repeat(1_000_000),
                "{"
                        + IntStream.range(0, 100_000)
                                .mapToObj(i -> "\"" + i + "\":null,")
                                .collect(Collectors.joining()));

        assertThat(endless).allSatisfy(body -> {
            InputStream stream = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));

            assertThatThrownBy(() -> FormRequest.ofJson(RequestOf.form(new MultivaluedHashMap<>()), stream))
                    .isInstanceOf(UnreadableBodyException.class);

            assertThat(body.length() - stream.available()).isLessThan(300_000);
        });
    }

    @Property
    void formIsReadUpToItsLimits(
            @ForAll @IntRange(min = 1, max = 200) int values, @ForAll @IntRange(max = 5000) int length) {
        MultivaluedMap<String, String> form = new MultivaluedHashMap<>();
        for (int i = 0; i < values; i++) {
            form.add("name" + i % 7, "a".repeat(length));
        }
        boolean isSmall = values <= 100 && values * length + 7 * "name0".length() <= 256 * 1024;

        Throwable thrown = catchThrowable(() -> FormRequest.ofForm(RequestOf.form(form)));

        if (isSmall) {
            assertThat(thrown).isNull();
        } else if (values > 100 || values * length > 256 * 1024) {
            assertThat(thrown).isInstanceOf(UnreadableBodyException.class).hasMessage("Body is too large");
        }
    }

    @Property
    void formArrivesAsItWasSent(@ForAll("forms") Map<String, List<String>> form) {
        FormRequest request = FormRequest.ofForm(RequestOf.form(multivalued(form)));

        assertThat(request.getDecodedFormParameters()).containsExactlyInAnyOrderEntriesOf(form);
    }

    @Property
    void nulIsFoundWhereverItIs(@ForAll("forms") Map<String, List<String>> form) {
        boolean holdsNul =
                form.entrySet().stream().anyMatch(entry -> (entry.getKey() + entry.getValue()).contains("\0"));

        assertThat(FormRequest.ofForm(RequestOf.form(multivalued(form))).holdsNul())
                .isEqualTo(holdsNul);
    }

    @Property
    void oneMoreParameterLeavesTheOthersAlone(@ForAll("forms") Map<String, List<String>> form, @ForAll String value) {
        FormRequest request = FormRequest.ofForm(RequestOf.form(multivalued(form)));

        FormRequest more = request.with(NAME, value);

        assertThat(more.getDecodedFormParameters().get(NAME)).containsExactly(value);
        assertThat(request.getDecodedFormParameters()).containsExactlyInAnyOrderEntriesOf(form);
        form.forEach((name, values) -> {
            if (!name.equals(NAME)) {
                assertThat(more.getDecodedFormParameters().get(name)).isEqualTo(values);
            }
        });
    }

    @Property
    void parameterIsReadOnceAndWhole(
            @ForAll @Size(max = 3) List<String> values, @ForAll @IntRange(max = 20) int maxLength) {
        FormRequest request = FormRequest.ofForm(RequestOf.form(multivalued(Map.of(NAME, values))));
        boolean isAbsent = values.isEmpty() || values.equals(List.of(""));
        boolean isRefused = values.size() > 1
                || (!isAbsent
                        && (values.get(0).length() > maxLength || values.get(0).indexOf('\0') >= 0));

        InvalidParameterException refused = catchThrowableOfType(
                InvalidParameterException.class, () -> Parameter.optional(request, NAME, maxLength));

        if (isRefused) {
            assertThat(refused.description()).endsWith(": " + NAME).hasSizeLessThan(40);
        } else {
            assertThat(Parameter.optional(request, NAME, maxLength))
                    .isEqualTo(isAbsent ? Optional.empty() : Optional.of(values.get(0)));
        }
    }

    @Property
    void flagIsTrueFalseOrRefused(@ForAll("flags") String value) {
        FormRequest request = FormRequest.ofForm(RequestOf.form(multivalued(Map.of(NAME, List.of(value)))));

        Throwable thrown =
                catchThrowable(() -> assertThat(Parameter.flag(request, NAME)).isEqualTo(value.equals("true")));

        if (!List.of("true", "false", "").contains(value)) {
            assertThat(thrown)
                    .isInstanceOf(InvalidParameterException.class)
                    .message()
                    .isIn(
                            "Parameter is neither true nor false: " + NAME,
                            "Parameter is too long: " + NAME,
                            "Parameter holds U+0000: " + NAME);
        } else {
            assertThat(thrown).isNull();
        }
    }

    private static void assertReadOrRefused(String body) {
        Throwable thrown = catchThrowable(() -> json(body));

        if (thrown != null) {
            assertThat(thrown)
                    .isInstanceOf(UnreadableBodyException.class)
                    .hasMessage("Body is not a JSON object of plain values")
                    .hasNoCause();
        } else {
            // RFC 8259, section 8.1: a byte order mark may be ignored
            assertThat(body.replaceFirst("^\ufeff", "").strip()).startsWith("{").endsWith("}");
        }
    }

    private static FormRequest json(String body) {
        return FormRequest.ofJson(
                RequestOf.form(new MultivaluedHashMap<>()),
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static MultivaluedMap<String, String> multivalued(Map<String, List<String>> form) {
        MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();
        parameters.putAll(form);
        return parameters;
    }

    @Provide
    Arbitrary<Map<String, String>> parameters() {
        return Arbitraries.maps(Arbitraries.strings(), Arbitraries.strings()).ofMaxSize(6);
    }

    @Provide
    Arbitrary<Map<String, List<String>>> forms() {
        Arbitrary<String> names = Arbitraries.strings()
                .edgeCases(cases -> cases.add(NAME, "", "\0"))
                .filter(name -> !name.startsWith("{"));
        return Arbitraries.maps(
                        names,
                        Arbitraries.strings()
                                .edgeCases(cases -> cases.add("a\0b"))
                                .list()
                                .ofMaxSize(3))
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> flags() {
        return Arbitraries.oneOf(
                Arbitraries.of("true", "false", "", "TRUE", "True", "1", "yes", "true ", "trueX"),
                Arbitraries.strings().ofMinLength(1));
    }

    /** Pieces of JSON in any order: nesting, duplicates, numbers out of range, escapes, cut off. */
    @Provide
    Arbitrary<String> almostJson() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ":",
                        ",",
                        "\"a\"",
                        "\"a\":\"b\"",
                        "\"token\":1e999",
                        "\"t\":-0",
                        "null",
                        "true",
                        "1",
                        "\"\\u0000\"",
                        "\"\\ud800\"",
                        "\"",
                        "\\",
                        " ",
                        "/* */",
                        "//",
                        "NaN",
                        "\ufeff",
                        "\0",
                        "\"a\":{\"b\":1}",
                        "\"c\":[]",
                        "{\"a\":\"b\"}",
                        "{\"a\":null}")
                .list()
                .ofMaxSize(9)
                .map(pieces -> String.join("", pieces));
    }
}
