// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import java.util.Map;

/** Bars of requests a second, with the range of the rounds, as SVG. */
final class LoadPlot {

    private static final int LABELS = 210;
    private static final int BARS = 430;
    private static final int FIGURES = 260;
    private static final int ROW = 30;
    private static final int TOP = 56;

    private LoadPlot() {}

    static String of(Map<String, Medians> flows) {
        double most =
                flows.values().stream().mapToDouble(Medians::fastest).max().orElse(1);
        StringBuilder svg = new StringBuilder();
        int width = LABELS + BARS + FIGURES;
        int height = TOP + flows.size() * ROW + 10;
        String head = """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" \
                font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                <text x="10" y="22" font-size="15" font-weight="bold">Requests a second, 8 connections, PostgreSQL</text>
                <text x="10" y="42" fill="#555555">median of the rounds; the line is their range</text>
                """;
        svg.append(Report.figure(head, width, height, width, height));
        int y = TOP;
        for (Map.Entry<String, Medians> flow : flows.entrySet()) {
            svg.append(row(flow.getKey(), flow.getValue(), BARS / most, y));
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    private static String row(String title, Medians figures, double scale, int y) {
        double median = figures.throughput() * scale;
        int middle = y + ROW / 2;
        String pattern = """
                <text x="%d" y="%d" text-anchor="end">%s</text>
                <rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
                <line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#222222" stroke-width="1.5"/>
                <text x="%d" y="%d">%.0f/s, p50 %.1f ms, p99 %.1f ms</text>
                """;
        return Report.figure(
                pattern,
                LABELS - 8,
                middle + 4,
                title,
                LABELS,
                y + 5,
                median,
                ROW - 10,
                title.startsWith("conversion") ? "#2f7d5b" : "#a9b4c2",
                LABELS + figures.slowest() * scale,
                LABELS + figures.fastest() * scale,
                middle,
                middle,
                LABELS + BARS + 12,
                middle + 4,
                figures.throughput(),
                figures.p50(),
                figures.p99());
    }
}
