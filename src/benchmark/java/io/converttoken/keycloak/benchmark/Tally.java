// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.Answer;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What was answered, and what should not have been. */
final class Tally {

    private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
    private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();

    Answer expect(String what, Answer answer, Integer... statuses) {
        counts.computeIfAbsent(what + ", " + answer.status(), key -> new LongAdder())
                .increment();
        if (!Set.of(statuses).contains(answer.status())) {
            unexpected.add(what + " was answered " + answer);
        }
        return answer;
    }

    void failed(RuntimeException e) {
        unexpected.add(e.toString());
    }

    Map<String, LongAdder> counts() {
        return counts;
    }

    Queue<String> unexpected() {
        return unexpected;
    }
}
