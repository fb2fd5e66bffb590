// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** An image that was built by the project's {@code Dockerfile}, with the JAR under test and under a name of its own. */
record BuiltImage(String name) implements AutoCloseable {

    private static final Duration BUILD = Duration.ofMinutes(10);
    private static final Duration QUICK = Duration.ofMinutes(2);

    /** Returns whether a Docker engine answers. */
    static boolean isPossible() {
        return DockerCommand.succeeds(List.of("docker", "info"));
    }

    /** @param options what Keycloak is built with */
    static BuiltImage build(String options) {
        String name = "convert-token-" + UUID.randomUUID().toString().substring(0, 8);
        docker(
                BUILD,
                List.of(
                        "build",
                        "--tag",
                        name,
                        "--build-arg",
                        "KEYCLOAK_VERSION=" + KeycloakServer.distributionVersion(),
                        "--build-arg",
                        "JAR=" + jar(),
                        "--build-arg",
                        "BUILD_OPTIONS=" + options,
                        "."));
        return new BuiltImage(name);
    }

    /** Only this one, although former builds may have left JARs of other versions. */
    private static Path jar() {
        return Path.of("").toAbsolutePath().relativize(KeycloakServer.jar().toAbsolutePath());
    }

    /** The command that a container of the image runs, unless it is given another one. */
    String command() {
        return docker(
                        QUICK,
                        List.of(
                                "image",
                                "inspect",
                                "--format",
                                "{{json .Config.Entrypoint}} {{json .Config.Cmd}}",
                                name))
                .strip();
    }

    @Override
    public void close() {
        docker(QUICK, List.of("image", "rm", "--force", name));
    }

    private static String docker(Duration atMost, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(arguments);
        return DockerCommand.run(command, Map.of(), atMost);
    }
}
