// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What processes have used of the processors, by process id. */
public record ProcessorTime(Map<Long, Duration> byProcess) {

    public ProcessorTime {
        byProcess = Map.copyOf(byProcess);
    }

    static ProcessorTime of(Stream<ProcessHandle> processes) {
        return new ProcessorTime(processes.collect(Collectors.toMap(
                ProcessHandle::pid, process -> process.info().totalCpuDuration().orElse(Duration.ZERO))));
    }

    /** Used since then, by the processes that were there then and are now. */
    public Duration since(ProcessorTime before) {
        return byProcess.entrySet().stream()
                .filter(process -> before.byProcess.containsKey(process.getKey()))
                .map(process ->
                        process.getValue().minus(Objects.requireNonNull(before.byProcess.get(process.getKey()))))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
