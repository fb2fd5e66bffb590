// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {

    private final Watch watch = new Watch(Duration.ofMillis(50));

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void whoWaitsTooLongIsInterruptedAndNotLeftSo() {
        assertThatThrownBy(() -> watch.over(WatchTest::waitForever)).isInstanceOf(IllegalStateException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    /** An interruption that comes when the look-up is just over is not seen by whatever follows. */
    @Test
    void interruptionThatNobodyNoticesIsTakenBack() {
        assertThat(watch.over(WatchTest::spinUntilInterrupted)).isEqualTo("found");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void whoDoesNotWaitIsLeftAlone() {
        assertThat(watch.over(() -> "found")).isEqualTo("found");
    }

    private static String waitForever() {
        try {
            new CountDownLatch(1).await();
            return "never";
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String spinUntilInterrupted() {
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
        return "found";
    }
}
