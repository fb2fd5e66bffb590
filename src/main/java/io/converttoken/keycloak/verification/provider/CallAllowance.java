// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.backend.Backend;
import io.converttoken.keycloak.limits.BackendSettings;
import io.converttoken.keycloak.limits.Breaker;
import io.converttoken.keycloak.limits.LimitReachedException;
import io.converttoken.keycloak.limits.ProviderGuard;
import io.converttoken.keycloak.limits.ProviderGuard.Place;
import io.converttoken.keycloak.limits.ServerLimits;
import io.converttoken.keycloak.limits.TimeBudget;
import io.converttoken.keycloak.metrics.BackendId;
import io.converttoken.keycloak.metrics.Meters;
import io.converttoken.keycloak.verification.ProviderUnavailableException;
import io.converttoken.keycloak.verification.provider.TimedHttpClient.Transmission;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.impl.client.CloseableHttpClient;
import org.jspecify.annotations.Nullable;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.models.KeycloakSession;

/**
 * The calls that one conversion may make to its provider. The first call takes a place among the conversions that wait
 * for the provider; {@link #close()} gives the place back. All calls share one time budget. A provider that failed
 * repeatedly is not called for a while. A conversion that makes no call takes no place.
 */
public final class CallAllowance implements AutoCloseable {

    private static final int MAX_ANSWER_BYTES = 256 * 1024;

    /** A key set with a hundred chains of certificates is 300 kB; Keycloak's own limit is 10 MB unless it is set. */
    private static final int MAX_KEYS_BYTES = 1024 * 1024;

    private final KeycloakSession session;
    private final BackendId backend;
    private final BackendSettings settings;
    private final ProviderGuard guard;
    private TimeBudget budget;
    private final Optional<Meters> counting;
    private @Nullable Place place;

    private CallAllowance(
            KeycloakSession session,
            BackendId backend,
            BackendSettings settings,
            ProviderGuard guard,
            TimeBudget budget,
            Optional<Meters> counting) {
        this.session = session;
        this.backend = backend;
        this.settings = settings;
        this.guard = guard;
        this.budget = budget;
        this.counting = counting;
    }

    /** Returns the allowance of a new conversion. */
    public static CallAllowance of(KeycloakSession session, Backend backend) {
        return of(session, backend, Optional.of(backend.meters(session)));
    }

    /** Returns the allowance of an explanation, for which the same limits hold, but of which nothing is counted. */
    public static CallAllowance trial(KeycloakSession session, Backend backend) {
        return of(session, backend, Optional.empty());
    }

    private static CallAllowance of(KeycloakSession session, Backend backend, Optional<Meters> counting) {
        BackendId id = id(session, backend);
        ProviderGuard guard = ServerLimits.of(session).guard(id);
        return new CallAllowance(session, id, settings(session, backend), guard, guard.budget(), counting);
    }

    /** Returns whether nothing of these calls may be counted or remembered. */
    public boolean isTrial() {
        return counting.isEmpty();
    }

    /** Returns an allowance for the same conversion in another session, with the same time budget. */
    public CallAllowance in(KeycloakSession other) {
        return new CallAllowance(other, backend, settings, guard, budget, counting);
    }

    public static BackendId id(KeycloakSession session, Backend backend) {
        return backend.id(session.getContext().getRealm());
    }

    private static BackendSettings settings(KeycloakSession session, Backend backend) {
        return new BackendSettings(
                backend.meters(session), backend.identityProvider().getConfig(), backend.config());
    }

    public KeycloakSession session() {
        return session;
    }

    public BackendId backend() {
        return backend;
    }

    /** Returns Keycloak's HTTP client, limited to the time that is left. */
    TimedHttpClient client() {
        return new TimedHttpClient(keycloaksClient(), guard, budget, this::measured, MAX_ANSWER_BYTES);
    }

    /**
     * Returns a client like {@link #client()} for key sets, which may be longer than other answers: up to 1 MiB, or up
     * to Keycloak's own limit if that is lower.
     */
    TimedHttpClient keysClient() {
        long most = session.getProvider(HttpClientProvider.class).getMaxConsumedResponseSize();
        return new TimedHttpClient(
                keycloaksClient(), guard, budget, this::measured, (int) Math.min(most, MAX_KEYS_BYTES));
    }

    /**
     * Returns a client like {@link #client()} for Keycloak's classes that call by themselves. The client takes a place
     * and asks the breaker, because those classes do neither.
     */
    TimedHttpClient metadataClient() {
        return new TimedHttpClient(keycloaksClient(), guard, budget, this::sendAsMetadata, MAX_ANSWER_BYTES);
    }

    private CloseableHttpResponse measured(Transmission transmission) throws IOException {
        return new CallSpan(session, settings.meters().labels(), counting).over(transmission);
    }

    private CloseableHttpResponse sendAsMetadata(Transmission transmission) throws IOException {
        try (Place ours = place == null ? guard.enter() : () -> {}) {
            Breaker breaker = keyCalls();
            breaker.require();
            boolean hasFailed = false;
            try {
                CloseableHttpResponse response = measured(transmission);
                hasFailed = ProviderCalls.isTrouble(response.getStatusLine().getStatusCode());
                return response;
            } catch (IOException | LimitReachedException e) {
                hasFailed = true;
                throw e;
            } finally {
                breaker.record(!hasFailed);
            }
        }
    }

    CloseableHttpClient keycloaksClient() {
        return session.getProvider(HttpClientProvider.class).getHttpClient();
    }

    /** Counts an answer that came from memory. */
    public void countRemembered() {
        counting.ifPresent(Meters::remembered);
    }

    /** Gives the calls that follow as much time as a conversion has. */
    public void startAnew() {
        budget = guard.budget();
    }

    boolean isTimeUp() {
        return budget.isSpent();
    }

    /** Returns whether a call with the token was made, so that a verdict on the token may be the provider's. */
    public boolean wasUsed() {
        return place != null;
    }

    /** See {@link ProviderGuard#revisionNumber}. */
    public long revision() {
        return guard.revisionNumber(settings);
    }

    /**
     * Takes a place for the conversion, if it has none yet.
     *
     * @throws ProviderUnavailableException when no place is free
     */
    void enter() {
        if (place == null) {
            place = limited(guard::enter);
        }
    }

    Breaker tokenCalls() {
        return guard.tokenCalls(settings);
    }

    Breaker changeCalls() {
        return guard.changeCalls(settings);
    }

    Breaker keyCalls() {
        return guard.keyCalls(settings);
    }

    /** @throws ProviderUnavailableException when no call is made now */
    void require(Breaker breaker) {
        limited(() -> {
            breaker.require();
            return true;
        });
    }

    /**
     * See {@link ProviderGuard#lookUp}.
     *
     * @throws ProviderUnavailableException when the look-up may have to wait, and no place is free
     */
    <T> @Nullable T lookUp(Object key, Supplier<@Nullable T> lookup) {
        return limited(() -> guard.lookUp(key, lookup));
    }

    /** Forgets which keys are known, because keys are being loaded. */
    void forgetKeys() {
        guard.forgetKeys();
    }

    private <T extends @Nullable Object> T limited(Supplier<T> action) {
        try {
            return action.get();
        } catch (LimitReachedException e) {
            throw unavailable(e);
        }
    }

    /** Counts the limit, and returns the exception that tells the caller about it. */
    ProviderUnavailableException unavailable(LimitReachedException limit) {
        counting.ifPresent(meters -> meters.limited(limit.limit()));
        return ProviderUnavailableException.because(limit);
    }

    @Override
    public void close() {
        if (place != null) {
            place.close();
            place = null;
        }
    }
}
