// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.invalidation;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.entity.UrlEncodedFormEntity;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.message.BasicNameValuePair;
import org.jboss.logging.Logger;
import org.keycloak.OAuth2Constants;
import org.keycloak.common.util.Time;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.executors.ExecutorsProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Tells clients that sessions have ended (OpenID Connect Back-Channel Logout 1.0). It works in the background, so that
 * no request waits for a client that is slow or gone. A client that fails several times in a row is not told of the
 * remaining sessions.
 */
final class BackChannelLogout {

    private static final Logger LOGGER = Logger.getLogger(BackChannelLogout.class);

    private static final String EXECUTOR = "convert-token-back-channel-logout";
    private static final Duration TOKEN_LIFESPAN = Duration.ofMinutes(2);
    private static final int MAX_FAILURES = 3;

    /** The limit for a whole call, because a client may send its answer slowly. The time-outs below limit each step. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final RequestConfig TIMEOUTS = RequestConfig.custom()
            .setConnectionRequestTimeout(2000)
            .setConnectTimeout(2000)
            .setSocketTimeout(5000)
            .build();

    private final KeycloakSession session;

    BackChannelLogout(KeycloakSession session) {
        this.session = session;
    }

    /**
     * Returns at once. A client is told of each session once, even if the session has ended both online and offline.
     */
    void tell(List<EndedClientSession> ended) {
        KeycloakSessionFactory factory = session.getKeycloakSessionFactory();
        String realmId = session.getContext().getRealm().getId();
        ExecutorService executor = session.getProvider(ExecutorsProvider.class).getExecutor(EXECUTOR);
        ended.stream()
                .collect(Collectors.groupingBy(EndedClientSession::clientId))
                .values()
                .forEach(ofClient -> executor.execute(() -> tell(factory, realmId, distinct(ofClient))));
    }

    private static Collection<EndedClientSession> distinct(List<EndedClientSession> ended) {
        Map<String, EndedClientSession> bySession = new LinkedHashMap<>();
        ended.forEach(clientSession -> bySession.putIfAbsent(clientSession.userSessionId(), clientSession));
        return bySession.values();
    }

    private static void tell(KeycloakSessionFactory factory, String realmId, Collection<EndedClientSession> ended) {
        int failures = 0;
        for (EndedClientSession clientSession : ended) {
            failures = tryToTell(factory, realmId, clientSession) ? 0 : failures + 1;
            if (failures == MAX_FAILURES) {
                LOGGER.warnf("Client %s is not told of the sessions that have ended", clientSession.clientId());
                return;
            }
        }
    }

    private static boolean tryToTell(KeycloakSessionFactory factory, String realmId, EndedClientSession clientSession) {
        try {
            return KeycloakModelUtils.runJobInTransactionWithResult(
                    factory, own -> tryToTell(own, realmId, clientSession));
        } catch (RuntimeException e) {
            LOGGER.debugf(e, "Back-channel logout at client %s failed", clientSession.clientId());
            return false;
        }
    }

    private static boolean tryToTell(KeycloakSession own, String realmId, EndedClientSession clientSession) {
        RealmModel realm = own.realms().getRealm(realmId);
        own.getContext().setRealm(realm);
        own.getContext().setClient(own.clients().getClientById(realm, clientSession.clientId()));
        clientSession.token().issuedNow().exp(Time.currentTime() + TOKEN_LIFESPAN.toSeconds());
        HttpPost request = new HttpPost(clientSession.url());
        request.setConfig(TIMEOUTS);
        try {
            request.setEntity(new UrlEncodedFormEntity(List.of(new BasicNameValuePair(
                    OAuth2Constants.LOGOUT_TOKEN, own.tokens().encode(clientSession.token())))));
            CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(request::abort);
            // the body is not read; if there is one, closing the answer closes the connection
            try (CloseableHttpResponse answer =
                    own.getProvider(HttpClientProvider.class).getHttpClient().execute(request)) {
                int status = answer.getStatusLine().getStatusCode();
                return status == 200 || status == 204;
            }
        } catch (IOException e) {
            LOGGER.debugf(e, "Back-channel logout at client %s failed", clientSession.clientId());
            return false;
        }
    }
}
