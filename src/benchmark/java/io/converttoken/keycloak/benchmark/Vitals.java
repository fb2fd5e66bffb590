// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.KeycloakOnPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a server holds on to at a moment.
 *
 * @param heap megabytes that are in use right after a full collection
 * @param threads of the server's process
 * @param providerConnections to the provider, open or half closed
 * @param databaseConnections open
 */
record Vitals(double heap, int threads, int providerConnections, int databaseConnections) {

    private static final Pattern HEAP =
            Pattern.compile("^ *(?!.*(?:Metaspace|class space)).*?\\bused (\\d+)K", Pattern.MULTILINE);
    private static final Pattern THREADS = Pattern.compile("^Threads:\\s*(\\d+)", Pattern.MULTILINE);

    /** Columns of /proc/net/tcp: of a connection from the server to the provider, and its state. */
    private static final int REMOTE = 2;

    private static final int STATE = 3;
    private static final String ESTABLISHED = "01";
    private static final String CLOSE_WAIT = "08";

    static Vitals of(KeycloakOnPostgres keycloak, int providerPort) throws IOException, InterruptedException {
        long pid = keycloak.process().pid();
        jcmd(pid, "GC.run");
        String status = Files.readString(Path.of("/proc/" + pid + "/status"));
        Matcher threads = THREADS.matcher(status);
        return new Vitals(
                heap(jcmd(pid, "GC.heap_info")),
                threads.find() ? Integer.parseInt(threads.group(1)) : 0,
                connectionsTo(providerPort),
                Integer.parseInt(keycloak.query("select count(*) from pg_stat_activity where client_port is not null")
                        .get(0)));
    }

    private static double heap(String info) {
        return HEAP.matcher(info)
                        .results()
                        .mapToLong(result -> Long.parseLong(result.group(1)))
                        .sum()
                / 1024.0;
    }

    private static int connectionsTo(int port) throws IOException {
        String suffix = ":%04X".formatted(port);
        int connections = 0;
        for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            try (Stream<String> rows = Files.lines(Path.of(table))) {
                connections += (int) rows.map(row -> row.trim().split("\\s+"))
                        .filter(row -> row[REMOTE].endsWith(suffix))
                        .filter(row -> row[STATE].equals(ESTABLISHED) || row[STATE].equals(CLOSE_WAIT))
                        .count();
            }
        }
        return connections;
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(tool.toString(), String.valueOf(pid), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd " + command + " failed: " + output);
        }
        return output;
    }
}
