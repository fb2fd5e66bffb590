// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReasonTest {

    @Test
    void textNamesWhatWasFoundAndWhatWasExpected() {
        Reason reason =
                Reason.of(ReasonCode.AUDIENCE_MISMATCH, Finding.of(() -> List.of("web", "ios"), () -> "android"));

        assertThat(reason.code().code()).isEqualTo("audience_mismatch");
        assertThat(reason.text())
                .isEqualTo("external token was issued to another application; found: android; expected: ios, web");
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        Finding finding = Finding.of(Optional::empty, () -> Optional.of("there"));

        assertThat(Reason.of(ReasonCode.TOKEN_EXPIRED, finding).text())
                .isEqualTo("external token is expired; found: there");
        assertThat(Reason.of(ReasonCode.TOKEN_EXPIRED).text()).isEqualTo("external token is expired");
    }

    @Test
    void listsAreBounded() {
        List<String> many =
                IntStream.range(0, 1000).mapToObj(i -> "client-" + i).toList();

        assertThat(Reason.of(ReasonCode.CLIENT_NOT_ALLOWED, many).text())
                .endsWith("and 994 more")
                .hasSizeLessThan(300);
    }

    @Test
    void charactersThatALogWouldActOnAreEscaped() {
        assertThat(Reason.of(ReasonCode.ISSUER_MISMATCH, "a\r\nERROR forged\u001b[31m\u202egnp.exe")
                        .text())
                .endsWith("found: a\\u{d}\\u{a}ERROR forged\\u{1b}[31m\\u{202e}gnp.exe");
    }

    @Property
    void whateverIsFoundTheTextIsShortAndOnOneLine(@ForAll String found) {
        String text = Reason.of(ReasonCode.ISSUER_MISMATCH, found).text();

        assertThat(text.codePoints().noneMatch(Character::isISOControl)).isTrue();
        assertThat(text.length()).isLessThan(2500);
    }

    @Test
    void lazyFindingIsNotAskedUnlessSomebodyReads() {
        Finding finding = Finding.of(
                () -> {
                    throw new IllegalStateException("nobody reads");
                },
                () -> "found");

        Checks.UNOBSERVED.inOrder(Checks.step(Check.ISSUER, () -> finding));
    }
}
