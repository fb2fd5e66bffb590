// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whatever is sent as a token, it is read or refused. Runs the corpus in {@code TokenParsingFuzzTestInputs}; looks for more
 * by {@code .ci/fuzz}.
 */
class TokenParsingFuzzTest {

    /** No part of an exception's text is that long and in the token as well, unless it was copied from there. */
    private static final int TELLTALE = 40;

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /** A token as it comes, byte by byte. */
    @FuzzTest(maxDuration = "30s")
    void token(byte[] data) {
        check(new String(data, StandardCharsets.UTF_8));
    }

    /** Header, claims and signature, one a line, encoded here: what the fuzzer would not find out by itself. */
    @FuzzTest(maxDuration = "30s")
    void parts(byte[] data) {
        check(lines(data).stream().map(TokenParsingFuzzTest::encoded).collect(Collectors.joining(".")));
    }

    private static void check(String token) {
        String secret = token.length() < TELLTALE ? "\0" : token.substring(0, TELLTALE);
        TokenReads.assertReadOrRefused(new ExternalToken(token, Optional.empty(), Optional.empty()), secret);
    }

    private static List<String> lines(byte[] data) {
        return Stream.of(new String(data, StandardCharsets.ISO_8859_1).split("\n", 3))
                .toList();
    }

    private static String encoded(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
