// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import net.jqwik.api.constraints.IntRange;
import org.jboss.resteasy.reactive.common.util.CaseInsensitiveMap;
import org.jboss.resteasy.reactive.server.core.multipart.MultipartParser;

/** A form in parts is read as it was sent, or refused; what is read, another parser reads in the same way. */
class MultipartParametersPropertyTest {

    private static final String TOO_LARGE = "Body is too large";
    private static final String MALFORMED = "Body is not a form of plain text parts";
    private static final Pattern NAME = Pattern.compile("name=\"?([^\";]+)\"?");

    @Property
    void textArrivesAsItWasSent(@ForAll("forms") List<Tuple2<String, String>> form) {
        StringBuilder body = new StringBuilder();
        MultivaluedMap<String, String> sent = new MultivaluedHashMap<>();
        form.forEach(part -> {
            body.append(part(part.get1(), part.get2()));
            sent.add(part.get1(), part.get2());
        });

        assertThat(read(body + "--x--")).isEqualTo(sent);
        assertThat(read(body + "--x--\r\n")).isEqualTo(sent);
    }

    @Property
    void whatIsCutOffIsMalformed(
            @ForAll("forms") List<Tuple2<String, String>> form, @ForAll @IntRange(max = 200) int cut) {
        StringBuilder body = new StringBuilder();
        form.forEach(part -> body.append(part(part.get1(), part.get2())));
        body.append("--x--");
        String whole = body.toString();

        assertRefused(whole.substring(0, Math.max(0, whole.length() - 1 - cut)), MALFORMED);
    }

    @Property(tries = 20_000)
    void whatIsTakenIsReadInTheSameWayByThePlatform(@ForAll("almostParts") String body) {
        Throwable thrown = catchThrowable(() -> read(body));

        if (thrown == null) {
            assertThat(readByThePlatform(body)).isEqualTo(read(body));
        } else {
            assertThat(thrown)
                    .isInstanceOf(UnreadableBodyException.class)
                    .hasMessage(MALFORMED)
                    .hasNoCause();
        }
    }

    @Property
    void whateverBytesComeTheyAreReadOrMalformed(@ForAll byte[] body) {
        Throwable thrown = catchThrowable(() -> MultipartParameters.read(type("x"), new ByteArrayInputStream(body)));

        assertThat(thrown).isInstanceOf(UnreadableBodyException.class).hasMessage(MALFORMED);
    }

    /** As the usual clients send it. */
    @Example
    void headersOfTheUsualClientsAreTaken() {
        List.of(
                        // requests, curl, browsers, Alamofire
                        "Content-Disposition: form-data; name=\"token\"",
                        // OkHttp, Retrofit
                        "Content-Disposition: form-data; name=\"token\"\r\nContent-Transfer-Encoding: binary\r\n"
                                + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5",
                        // .NET
                        "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=token",
                        // Dart
                        "content-disposition: form-data; name=\"token\"",
                        "Content-Disposition:form-data;name=\"token\"",
                        "Content-Disposition: form-data; name=\"token\"\r\nContent-Type: text/plain",
                        "Content-Disposition: form-data; name=\"token\"\r\nContent-Type: text/plain; charset=\"US-ASCII\"\r\n"
                                + "Content-Transfer-Encoding: 8bit")
                .forEach(headers -> assertThat(read("--x\r\n" + headers + "\r\n\r\nvalue\r\n--x--\r\n"))
                        .as(headers)
                        .containsExactly(Map.entry("token", List.of("value"))));
    }

    @Example
    void whatIsNoNamedPartOfPlainTextIsMalformed() {
        String named = "Content-Disposition: form-data; name=\"a\"";
        Stream.of(
                        "",
                        "X: y",
                        "Content-Disposition: form-data",
                        "Content-Disposition: form-data; name=",
                        "Content-Disposition: form-data; name=\"\"",
                        "Content-Disposition: form-data; name=\"a\\\"b\"",
                        "Content-Disposition: form-data; name*=utf-8''a",
                        "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
                        "Content-Disposition: form-data; filename=\"f\"; name=\"a\"",
                        "Content-Disposition: attachment; name=\"a\"",
                        named + "; filename=\"f\"",
                        named + "; filename*=utf-8''f",
                        named + "; filename=",
                        named + "\r\n" + named,
                        named + "\r\n" + named.replace("\"a\"", "\"b\"").toLowerCase(java.util.Locale.ROOT),
                        named + "\r\nContent-Type: text/html",
                        named + "\r\nContent-Type: application/json",
                        named + "\r\nContent-Type: application/octet-stream",
                        named + "\r\nContent-Type: multipart/mixed; boundary=y",
                        named + "\r\nContent-Type: text/plain; charset=iso-8859-1",
                        named + "\r\nContent-Type: text/plain; charset=utf-16",
                        named + "\r\nContent-Type: text/plain; charset=utf-8; charset=utf-16",
                        named + "\r\nContent-Type: text/plain\r\nContent-Type: text/plain",
                        named + "\r\nContent-Transfer-Encoding: base64",
                        named + "\r\nContent-Transfer-Encoding: quoted-printable",
                        named + "\r\nno header",
                        named + "\r\n continued: x",
                        named + "\r\nX : y",
                        named + "\nX: y",
                        named + "\r\nX: \0",
                        named + "\r\nX: " + "y".repeat(5_000))
                .forEach(headers -> assertRefused("--x\r\n" + headers + "\r\n\r\nvalue\r\n--x--\r\n", MALFORMED));
    }

    @Example
    void whatTwoReadersCouldTakeInTwoWaysIsMalformed() {
        String part = part("a", "b");
        List.of(
                        "",
                        "--x",
                        "--x--" + part,
                        "preamble\r\n" + part + "--x--",
                        "\r\n" + part + "--x--",
                        part + "--x--\r\nepilogue",
                        part + "--x--\r\n\r\n",
                        part + "--x --",
                        part + "--x-",
                        part + "--xy--",
                        part.replace("--x\r\n", "--x \r\n") + "--x--",
                        part.replace("\r\n", "\n") + "--x--",
                        // no blank line of its own before an empty value
                        "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--x--",
                        "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n--x--",
                        part("a", "b\r\n--xy") + "--x--")
                .forEach(body -> assertRefused(body, MALFORMED));
    }

    @Example
    void bytesThatAreNoUtf8AreMalformed() {
        byte[] body = (part("a", "\u00ff") + "--x--").getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> MultipartParameters.read(type("x"), new ByteArrayInputStream(body)))
                .isInstanceOf(UnreadableBodyException.class)
                .hasMessage(MALFORMED);
    }

    @Example
    void boundaryIsOneOfTheStandard() {
        String body = "--x--";
        List.of("", " ", "x ", "y".repeat(71), "\u00e4", "x\r\n", "x;y")
                .forEach(boundary -> assertThatThrownBy(
                                () -> MultipartParameters.read(type(boundary), stream("--" + boundary + "--")))
                        .as(boundary)
                        .hasMessage(MALFORMED));
        assertThatThrownBy(() -> MultipartParameters.read(MediaType.MULTIPART_FORM_DATA_TYPE, stream(body)))
                .hasMessage(MALFORMED);
        for (String boundary : List.of("y".repeat(70), "a b", "'()+_,-./:=?")) {
            assertThat(MultipartParameters.read(type(boundary), stream("--" + boundary + "--")))
                    .isEmpty();
        }
    }

    @Example
    void noMoreIsReadThanIsNeededToRefuse() {
        List<String> endless = List.of(
                part("a", "b").repeat(100_000),
                part("a", "b".repeat(1_000_000)),
                "a".repeat(1_000_000),
                "--x\r\n" + "a: b\r\n".repeat(200_000));

        assertThat(endless).allSatisfy(body -> {
            InputStream stream = stream(body);

            assertThatThrownBy(() -> MultipartParameters.read(type("x"), stream))
                    .hasMessage(TOO_LARGE);

            assertThat(body.length() - stream.available()).isLessThan(300_000);
        });
    }

    @Property(tries = 20)
    void aHundredPartsAreTaken(@ForAll @IntRange(min = 90, max = 110) int parts) {
        String body = part("a", "b").repeat(parts) + "--x--";

        if (parts <= 100) {
            assertThat(read(body).get("a")).hasSize(parts);
        } else {
            assertRefused(body, TOO_LARGE);
        }
    }

    private static String part(String name, String value) {
        return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static void assertRefused(String body, String why) {
        assertThatThrownBy(() -> read(body))
                .as(body.length() < 500 ? body : "long")
                .isInstanceOf(UnreadableBodyException.class)
                .hasMessage(why)
                .hasNoCause();
    }

    private static MultivaluedMap<String, String> read(String body) {
        return MultipartParameters.read(type("x"), stream(body));
    }

    private static MediaType type(String boundary) {
        return new MediaType("multipart", "form-data", Map.of("boundary", boundary));
    }

    private static InputStream stream(String body) {
        return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    }

    /** By Quarkus REST, which takes much that we do not. */
    private static MultivaluedMap<String, String> readByThePlatform(String body) {
        Parts parts = new Parts();
        try {
            MultipartParser.beginParse(parts, "x".getBytes(StandardCharsets.US_ASCII), "UTF-8", 8192, 40)
                    .parse(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return parts.read;
    }

    private static final class Parts implements MultipartParser.PartHandler {

        private final MultivaluedMap<String, String> read = new MultivaluedHashMap<>();
        private final ByteArrayOutputStream value = new ByteArrayOutputStream();
        private String name = "";

        @Override
        public void beginPart(CaseInsensitiveMap<String> headers) {
            Matcher disposition = NAME.matcher(headers.getFirst("Content-Disposition"));
            assertThat(disposition.find()).isTrue();
            name = disposition.group(1);
        }

        @Override
        public void data(ByteBuffer buffer) {
            while (buffer.hasRemaining()) {
                value.write(buffer.get());
            }
        }

        @Override
        public void endPart() {
            read.add(name, value.toString(StandardCharsets.UTF_8));
            value.reset();
        }
    }

    @Provide
    Arbitrary<List<Tuple2<String, String>>> forms() {
        Arbitrary<String> names = Arbitraries.strings()
                .excludeChars('"', '\\')
                .filter(name -> name.chars().noneMatch(Character::isISOControl))
                .filter(name -> !name.isEmpty() && isText(name));
        Arbitrary<String> values = Arbitraries.oneOf(
                        Arbitraries.strings(),
                        Arbitraries.of(
                                "", "\r\n", "--x", "--", "\r\n--", "\r\n-x", "\n--x", "\r--x", "a\r\n\r\nb", "\0"))
                .filter(value -> isText(value) && !value.startsWith("--x") && !value.contains("\r\n--x"));
        return names.flatMap(name -> values.map(value -> Tuple.of(name, value)))
                .list()
                .ofMaxSize(6);
    }

    /** Surrogates that stand alone cannot be sent. */
    private static boolean isText(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** Pieces of a form in any order. */
    @Provide
    Arbitrary<String> almostParts() {
        Arbitrary<String> pieces = Arbitraries.of(
                "--x\r\n",
                "--x--",
                "--x",
                "\r\n",
                "\r\n\r\n",
                "\n",
                "\r",
                "--",
                "-",
                "x",
                "a",
                " ",
                "Content-Disposition: form-data; name=\"a\"",
                "Content-Disposition: form-data; name=b",
                "; filename=\"f\"",
                "Content-Type: text/plain",
                "Content-Type: text/html",
                "Content-Transfer-Encoding: base64",
                ": ",
                "\0",
                "\u00e4");
        Arbitrary<String> parts = Arbitraries.of(part("a", "b"), part("c", ""), part("a", "\r\n"), part("d", "--"));
        return Arbitraries.frequencyOf(Tuple.of(2, parts), Tuple.of(3, pieces))
                .list()
                .ofMaxSize(9)
                .map(all -> String.join("", all));
    }
}
