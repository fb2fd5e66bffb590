package io.converttoken.keycloak.verification;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.BasicResponseHandler;
import org.apache.http.impl.client.CloseableHttpClient;
import org.keycloak.connections.httpclient.HttpClientProvider;
import org.keycloak.models.KeycloakSession;

/** A session whose HTTP client is another one, for classes of Keycloak's that call by themselves. */
final class BoundSession {

    private BoundSession() {}

    static KeycloakSession of(KeycloakSession session, CloseableHttpClient client) {
        HttpClientProvider provider = new Provider(session.getProvider(HttpClientProvider.class), client);
        return (KeycloakSession) Proxy.newProxyInstance(
                BoundSession.class.getClassLoader(),
                new Class<?>[] {KeycloakSession.class},
                (proxy, method, arguments) -> {
                    boolean asksForHttp = method.getName().equals("getProvider")
                            && arguments != null
                            && arguments.length == 1
                            && arguments[0] == HttpClientProvider.class;
                    if (asksForHttp) {
                        return provider;
                    }
                    try {
                        return method.invoke(session, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Keycloak's, with another client. */
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
