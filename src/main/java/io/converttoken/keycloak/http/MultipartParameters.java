// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads parameters from {@code multipart/form-data} (RFC 7578). Only named parts of plain text are accepted. A body
 * that two readers could understand in two ways is refused: one with a header that a part has twice, with a name or a
 * boundary in an odd form, or with text before the first boundary or after the last one. The parser that Keycloak ships
 * accepts such bodies, so it is not used: in it the second of two equal headers overwrites the first (Quarkus REST
 * 3.33).
 */
final class MultipartParameters {

    private static final String MALFORMED = "Body is not a form of plain text parts";

    private static final String LINE_BREAK = "\r\n";

    private static final String BLANK_LINE = LINE_BREAK + LINE_BREAK;

    /** In bytes, for one part: clients send a name, a type and a length. */
    private static final int MAX_HEADERS_LENGTH = 4096;

    /** RFC 2046, section 5.1.1. */
    private static final Pattern BOUNDARY = Pattern.compile("[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]");

    /** RFC 9110, section 5.5: a header does not go on in the next line. */
    private static final Pattern HEADER =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\\x00-\\x08\\x0A-\\x1F\\x7F]*)");

    /** RFC 7578, section 4.2. A part with any further parameter, such as a file's name, is refused. */
    private static final Pattern DISPOSITION = Pattern.compile(
            "form-data[ \t]*;[ \t]*name=(?:\"([^\"\\\\]+)\"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))[ \t]*",
            Pattern.CASE_INSENSITIVE);

    /** RFC 7578, sections 4.4 and 4.5. */
    private static final Pattern PLAIN_TEXT = Pattern.compile(
            "text/plain[ \t]*(?:;[ \t]*charset=(?:utf-8|us-ascii|\"utf-8\"|\"us-ascii\")[ \t]*)?",
            Pattern.CASE_INSENSITIVE);

    /** RFC 2045, section 6.2: the encodings that change nothing. */
    private static final Pattern AS_IT_IS = Pattern.compile("(?:7bit|8bit|binary)[ \t]*", Pattern.CASE_INSENSITIVE);

    /**
     * The body, with one character for each byte. A line break is put in front, as there is one before every other
     * boundary.
     */
    private final String text;

    private final String delimiter;
    private final MultivaluedMap<String, String> parameters = new MultivaluedHashMap<>();

    private MultipartParameters(String body, String boundary) {
        this.text = LINE_BREAK + body;
        this.delimiter = LINE_BREAK + "--" + boundary;
    }

    /**
     * Reads the body to its end, or to the limit of its length.
     *
     * @param type the type of the body, with its boundary
     * @throws UnreadableBodyException when the body is too large or cut off, or has a part that is no plain text or has
     *     no name
     */
    static MultivaluedMap<String, String> read(MediaType type, InputStream body) {
        String boundary = type.getParameters().getOrDefault("boundary", "");
        require(BOUNDARY.matcher(boundary).matches());
        return new MultipartParameters(whole(body), boundary).parts();
    }

    private static String whole(InputStream body) {
        try {
            byte[] bytes = body.readNBytes((int) BodyLimits.MAX_LENGTH + 1);
            BodyLimits.requireLength(bytes.length);
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw malformed();
        }
    }

    private MultivaluedMap<String, String> parts() {
        require(text.startsWith(delimiter));
        int afterDelimiter = delimiter.length();
        for (int parts = 1; text.startsWith(LINE_BREAK, afterDelimiter); parts++) {
            BodyLimits.requireFew(parts);
            afterDelimiter = part(afterDelimiter) + delimiter.length();
        }
        String end = text.substring(afterDelimiter);
        require(end.equals("--") || end.equals("--" + LINE_BREAK));
        return parameters;
    }

    /**
     * Reads one part.
     *
     * @param start where the line break before the headers of the part starts
     * @return where the next delimiter starts
     */
    private int part(int start) {
        int end = text.indexOf(delimiter, start);
        int headersEnd = text.indexOf(BLANK_LINE, start);
        require(headersEnd > start && headersEnd - start <= MAX_HEADERS_LENGTH);
        int valueStart = headersEnd + BLANK_LINE.length();
        require(valueStart <= end);
        String name = name(utf8(text.substring(start + LINE_BREAK.length(), headersEnd)));
        parameters.add(name, utf8(text.substring(valueStart, end)));
        return end;
    }

    private static String name(String headerLines) {
        Map<String, String> headers = headers(headerLines);
        require(PLAIN_TEXT
                .matcher(headers.getOrDefault("content-type", "text/plain"))
                .matches());
        require(AS_IT_IS.matcher(headers.getOrDefault("content-transfer-encoding", "binary"))
                .matches());
        Matcher disposition = DISPOSITION.matcher(headers.getOrDefault("content-disposition", ""));
        require(disposition.matches());
        return disposition.group(1) == null ? disposition.group(2) : disposition.group(1);
    }

    private static Map<String, String> headers(String lines) {
        Map<String, String> headers = new HashMap<>();
        for (String line : lines.split(LINE_BREAK, -1)) {
            Matcher header = HEADER.matcher(line);
            require(header.matches());
            String former = headers.put(header.group(1).toLowerCase(Locale.ROOT), header.group(2));
            require(former == null);
        }
        return headers;
    }

    private static String utf8(String bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed();
        }
    }

    private static void require(boolean isPlain) {
        if (!isPlain) {
            throw malformed();
        }
    }

    /** Returns an exception without a cause, because the message of the cause would quote the body. */
    private static UnreadableBodyException malformed() {
        return UnreadableBodyException.malformed(MALFORMED);
    }
}
