// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.converttoken.keycloak.testing.BrowserWindow.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The browser sees what a page does wrong: else the tests that find nothing would prove nothing. */
@ExtendWith(ChromiumExtension.class)
class ChromiumIT {

    @Test
    void consoleErrorsAreSeen(Chromium chromium) {
        BrowserWindow window = chromium.window().open();

        window.page().setContent("<script>console.error('first'); throw new Error('second')</script>");

        assertThat(window.consoleErrors()).hasSize(2);
    }

    @Test
    void failedRequestsAreSeenWithoutTheirQuery(Chromium chromium) {
        BrowserWindow window = chromium.window().open();

        window.page().setContent("<img src='http://127.0.0.1:9/picture?code=secret'>");

        assertThat(window.failedRequests())
                .singleElement()
                .asString()
                .contains("GET http://127.0.0.1:9/picture ")
                .doesNotContain("secret");
        assertThat(window.requests()).singleElement().asString().endsWith("/picture?code=secret");
    }

    @Test
    void seriousViolationsAreSeenInTheNamedPart(Chromium chromium) {
        BrowserWindow window = chromium.window().open();

        window.page().setContent("<main id='bad'><input></main><aside id='good'><p>Text</p></aside>");

        assertThat(window.seriousViolations("#bad")).extracting(Violation::rule).contains("label");
        assertThat(window.seriousViolations("#good")).isEmpty();
    }

    @Test
    void violationsOfRulesThatAreOffByDefaultAreSeen(Chromium chromium) {
        BrowserWindow window = chromium.window().open();

        window.page().setContent("<main><button aria-label='Send'>Continue</button></main><p>Elsewhere</p>");

        assertThat(window.violations()).extracting(Violation::rule).contains("label-content-name-mismatch", "region");
    }

    @Test
    void windowsAreAsAskedFor(Chromium chromium) {
        Page page = chromium.window().dark().phone().locale("pt-BR").open().page();

        page.setContent("<meta name='viewport' content='width=device-width'>");

        assertThat(page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))
                .isEqualTo(true);
        assertThat(page.evaluate("innerWidth")).isEqualTo(375);
        assertThat(page.evaluate("navigator.language")).isEqualTo("pt-BR");
    }
}
