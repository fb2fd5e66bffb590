// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.SoftAssertions;

/** What came out of a run, as Markdown, and whether the bar was met: first told, then held. */
final class Report {

    private final StringBuilder text = new StringBuilder();
    private final SoftAssertions bar = new SoftAssertions();
    private final List<String> lines = new ArrayList<>();

    Report(String title) {
        text.append("# ").append(title).append("\n\n");
    }

    Report line(String line) {
        text.append(line).append('\n');
        return this;
    }

    /** A number as it is written here, whatever the machine's language. */
    static String figure(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** A row of a table. */
    Report row(Object... cells) {
        text.append('|');
        for (Object cell : cells) {
            text.append(' ').append(cell).append(" |");
        }
        text.append('\n');
        return this;
    }

    /** The first row of a table. */
    Report head(Object... cells) {
        text.append('\n');
        return row(cells).line("|" + "---|".repeat(cells.length));
    }

    /** A line of the bar: the value may not be over the limit. */
    Report atMost(String what, double value, double limit) {
        return held(what, value <= limit, figure("%.2f, at most %.2f", value, limit));
    }

    /** A line of the bar: the value may not be under the limit. */
    Report atLeast(String what, double value, double limit) {
        return held(what, value >= limit, figure("%.2f, at least %.2f", value, limit));
    }

    Report held(String what, boolean isHeld, String figures) {
        lines.add("| " + what + " | " + figures + " | " + (isHeld ? "met" : "**missed**") + " |");
        bar.assertThat(isHeld).as(what + ": " + figures).isTrue();
        return this;
    }

    /** Writes the report, prints it, and fails where the bar was missed. */
    void conclude(String file) {
        if (!lines.isEmpty()) {
            head("bar", "measured", "");
            lines.forEach(this::line);
        }
        attach(file, text.toString());
        System.out.println(text);
        bar.assertAll();
    }

    /** Writes another file beside the report. */
    Report attach(String file, String content) {
        try {
            Path directory = Files.createDirectories(KeycloakOnPostgres.reports());
            Files.writeString(directory.resolve(file), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
