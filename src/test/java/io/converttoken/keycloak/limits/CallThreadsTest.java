// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallThreadsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final CallThreads calls = new CallThreads(1);
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() {
        never.countDown();
        calls.close();
    }

    @Test
    void answerInTimeIsReturned() throws IOException {
        assertThat(calls.within(new TimeBudget(PATIENCE), () -> "answer", () -> {}))
                .isEqualTo("answer");
    }

    @Test
    void callThatTakesTooLongIsAbortedAndLeft() {
        CountDownLatch aborted = new CountDownLatch(1);
        TimeBudget budget = new TimeBudget(Duration.ofMillis(50));
        assertThatThrownBy(() -> calls.within(budget, this::hang, aborted::countDown))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(aborted.getCount()).isZero();
        assertThat(budget.isSpent()).isTrue();
        assertThatThrownBy(() -> calls.within(budget, () -> "answer", () -> {}))
                .isInstanceOf(InterruptedIOException.class);
    }

    /** As a name server that does not answer. */
    @Test
    void callThatCanNotBeEndedKeepsItsThreadAndNobodyElses() {
        assertThatThrownBy(() -> calls.within(new TimeBudget(Duration.ofMillis(50)), this::hang, () -> {}))
                .isInstanceOf(InterruptedIOException.class);
        assertThatThrownBy(() -> calls.within(new TimeBudget(PATIENCE), () -> "answer", () -> {}))
                .isInstanceOf(LimitReachedException.class);
    }

    @Test
    void whatGoesWrongIsTold() {
        assertThatThrownBy(() -> calls.within(
                        new TimeBudget(PATIENCE),
                        () -> {
                            throw new IOException("no route");
                        },
                        () -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("no route");
    }

    private String hang() {
        boolean isReleased = false;
        while (!isReleased) {
            try {
                never.await();
                isReleased = true;
            } catch (InterruptedException e) {
                // goes on
            }
        }
        return "late";
    }
}
