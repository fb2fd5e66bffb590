// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.provider;

import io.converttoken.keycloak.internals.Decorated;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.BasicResponseHandler;
import org.apache.http.impl.client.CloseableHttpClient;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.models.KeycloakSession;

/** A session with another HTTP client, for Keycloak's classes that make calls by themselves. */
final class BoundSession {

    private BoundSession() {}

    static KeycloakSession of(KeycloakSession session, CloseableHttpClient client) {
        HttpClientProvider provider = new Provider(session.getProvider(HttpClientProvider.class), client);
        return Decorated.as(
                KeycloakSession.class,
                session,
                call -> call.isForProvider(Set.of(HttpClientProvider.class)) ? provider : call.passedOn());
    }

    /** Keycloak's HTTP client provider, with another client. */
    private record Provider(HttpClientProvider keycloaks, CloseableHttpClient client) implements HttpClientProvider {

        @Override
        public CloseableHttpClient getHttpClient() {
            return client;
        }

        @Override
        public int postText(String uri, String text) {
            throw new UnsupportedOperationException("nothing is posted");
        }

        @Override
        public String getString(String uri) throws IOException {
            return client.execute(new HttpGet(uri), new BasicResponseHandler());
        }

        @Override
        public InputStream getInputStream(String uri) throws IOException {
            return client.execute(new HttpGet(uri)).getEntity().getContent();
        }

        @Override
        public long getMaxConsumedResponseSize() {
            return keycloaks.getMaxConsumedResponseSize();
        }

        @Override
        public void close() {
            keycloaks.close();
        }
    }
}
