// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.converttoken.keycloak.metrics.BackendId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** What providers have said of bad tokens lately, so that they are not asked again. */
public final class RefusedTokens {

    private static final long MAX_TOKENS = 10_000;

    private final Cache<Key, Enum<?>> refusals;

    RefusedTokens(Duration memory, Ticker clock) {
        this.refusals = Caffeine.newBuilder()
                .maximumSize(memory.isZero() ? 0 : MAX_TOKENS)
                .expireAfterWrite(memory)
                .ticker(clock)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Which token it is, and who was asked.
     *
     * @param revision of the backend's settings
     * @param digest of the token, which itself is not kept
     */
    public record Key(BackendId backend, long revision, String digest) {

        @Override
        public String toString() {
            return "Key[" + backend + "]";
        }
    }

    /** Why the provider refused the token, if it did so lately. */
    public <R extends Enum<R>> Optional<R> find(Key key, Class<R> type) {
        return Optional.ofNullable(refusals.getIfPresent(key)).map(type::cast);
    }

    void forget(Predicate<BackendId> gone) {
        refusals.asMap().keySet().removeIf(key -> gone.test(key.backend()));
    }

    long size() {
        refusals.cleanUp();
        return refusals.estimatedSize();
    }

    /** Remembers it. Only what the provider itself has decided may come here. */
    public void remember(Key key, Enum<?> refusal) {
        refusals.put(key, refusal);
    }
}
