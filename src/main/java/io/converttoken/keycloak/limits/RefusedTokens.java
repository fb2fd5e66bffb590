// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.reason.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Remembers which tokens providers have refused lately, so that the providers are not asked again. */
public final class RefusedTokens {

    private static final long MAX_TOKENS = 10_000;

    private final Cache<Key, Reason> refusals;

    RefusedTokens(Duration memory, Ticker clock) {
        this.refusals = Caffeine.newBuilder()
                .maximumSize(memory.isZero() ? 0 : MAX_TOKENS)
                .expireAfterWrite(memory)
                .ticker(clock)
                .executor(Runnable::run)
                .build();
    }

    /**
     * A token, and the backend whose provider was asked about it.
     *
     * @param revision the revision of the backend's settings
     * @param digest the digest of the token, because the token itself is not kept
     */
    public record Key(BackendId backend, long revision, String digest) {

        @Override
        public String toString() {
            return "Key[" + backend + "]";
        }
    }

    /** Returns why the provider refused the token, if it refused the token lately. */
    public Optional<Reason> find(Key key) {
        return Optional.ofNullable(refusals.getIfPresent(key));
    }

    void forget(Predicate<BackendId> gone) {
        refusals.asMap().keySet().removeIf(key -> gone.test(key.backend()));
    }

    long size() {
        refusals.cleanUp();
        return refusals.estimatedSize();
    }

    /** Remembers a refusal. It must be one that the provider itself has decided. */
    public void remember(Key key, Reason refusal) {
        refusals.put(key, refusal);
    }
}
