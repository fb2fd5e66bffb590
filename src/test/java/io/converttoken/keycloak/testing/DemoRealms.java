// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The realms of {@code realm-export/} on a running server, as the demo imports them: {@code social} plays the provider,
 * {@code demo} the company.
 */
public final class DemoRealms implements AutoCloseable {

    public static final TestClient APP = TestClient.confidential("demo-app", "demo-app-secret");

    /** The identity provider of realm demo. */
    public static final String ALIAS = "social";

    private static final TestClient COMPANY = TestClient.confidential("demo-company", "demo-company-secret");
    private static final Pattern DEMO_URL = Pattern.compile("\\$\\{DEMO_URL:[^}]*}");
    private static final Pattern DEMO_WEB_URL = Pattern.compile("\\$\\{DEMO_WEB_URL:[^}]*}");

    /** The address of the web sample where a test does not serve it. */
    private static final URI NO_WEB_SAMPLE = URI.create("http://localhost:8100");

    private static final String MAPPERS = "identityProviderMappers";
    private static final String CALLBACK = "http://localhost:3000/callback";
    private static final int MAX_STEPS = 12;

    private final TestRealm social;
    private final TestRealm demo;

    private DemoRealms(TestRealm social, TestRealm demo) {
        this.social = social;
        this.demo = demo;
    }

    /** Both realms, anew. */
    public static DemoRealms importInto(KeycloakServer keycloak) {
        return importInto(keycloak, NO_WEB_SAMPLE);
    }

    /**
     * Both realms, anew.
     *
     * @param webSample the address of the web sample, which the demo puts into them
     */
    public static DemoRealms importInto(KeycloakServer keycloak, URI webSample) {
        return importInto(
                keycloak, exported("social", keycloak.base(), webSample), exported("demo", keycloak.base(), webSample));
    }

    /** Both realms, anew, without a mapper of the extension, for a server that does not have it. */
    public static DemoRealms importWithoutBackends(KeycloakServer keycloak) {
        ObjectNode demo = exported("demo", keycloak.base(), NO_WEB_SAMPLE);
        demo.remove(MAPPERS);
        return importInto(keycloak, exported("social", keycloak.base(), NO_WEB_SAMPLE), demo);
    }

    private static DemoRealms importInto(KeycloakServer keycloak, ObjectNode social, ObjectNode demo) {
        DemoRealms realms = on(keycloak);
        realms.close();
        keycloak.admin().post("", social);
        keycloak.admin().post("", demo);
        return realms;
    }

    /** The realms that a server has already. */
    public static DemoRealms on(KeycloakServer keycloak) {
        return new DemoRealms(TestRealm.named(keycloak, "social"), TestRealm.named(keycloak, "demo"));
    }

    public TestRealm demo() {
        return demo;
    }

    public TestRealm social() {
        return social;
    }

    public AdminApi admin() {
        return demo.admin();
    }

    /** Makes identity providers of realm demo backends, as the export has it. */
    public void addBackends(String... aliases) {
        for (String alias : aliases) {
            demo.addConvertTokenMapper(
                    alias,
                    Map.of(
                            "allowedClients", "demo-app\ndemo-mobile\ndemo-web",
                            "acceptedAudiences", "demo-company-web"));
        }
    }

    /** Another identity provider of realm demo with the settings of {@link #ALIAS}. */
    public void addProviderLikeSocial(String alias) {
        ObjectNode representation = admin().identityProvider(demo.name(), ALIAS).deepCopy();
        representation.put("alias", alias);
        representation.remove("internalId");
        representation.withObjectProperty("config").put("clientSecret", "demo-company-secret");
        admin().post(demo.name() + "/identity-provider/instances", representation);
    }

    /** What an app sends to convert-token: an ID token of the provider. The password is the user name. */
    public String idToken(String username) {
        return social.signIn(COMPANY, username, username).expect(200).idToken();
    }

    public Answer convert(String username) {
        return demo.convertTokenEndpoint()
                .as(APP)
                .param("backend", ALIAS)
                .param("token", idToken(username))
                .param("scope", "openid")
                .post()
                .expect(200);
    }

    /** The tokens that somebody gets who signs in to demo-app by browser, through the provider; no page of ours is filled in. */
    public Answer signInByBrowser(String username) {
        Answer end = signInAtProvider(ALIAS, username);
        URI location = end.header("Location")
                .map(URI::create)
                .orElseThrow(() -> new AssertionError("The person did not get back to the application: " + end));
        String code = RecordedRequest.queryParameters(location).get("code");
        if (code == null) {
            throw new AssertionError("No code came back: " + location);
        }
        return demo.tokenEndpoint()
                .as(APP)
                .param("grant_type", "authorization_code")
                .param("code", code)
                .param("redirect_uri", CALLBACK)
                .post()
                .expect(200);
    }

    /** The page that ends a sign-in by browser, or the redirect to demo-app. */
    public Answer signInAtProvider(String alias, String username) {
        Browsers browsers = new Browsers();
        Answer page = browsers.follow(browsers.visit(
                        demo.uri("/protocol/openid-connect/auth?client_id=" + APP.clientId() + "&redirect_uri="
                                + CALLBACK + "&response_type=code&scope=openid&kc_idp_hint=" + alias)))
                .expect(200);
        return browsers.follow(browsers.atSocial.submit(page, Map.of("username", username, "password", username)));
    }

    /** One a realm: their cookies have the same names, and differ by a path that {@link Browser} does not look at. */
    private final class Browsers {

        private final Browser atSocial = new Browser();
        private final Browser atDemo = new Browser();

        Answer visit(URI uri) {
            boolean isSocial = uri.getPath().startsWith(social.uri("/").getPath());
            return (isSocial ? atSocial : atDemo).visit(Call.to(uri));
        }

        /** Until a page, or a redirect to demo-app. */
        Answer follow(Answer first) {
            Answer answer = first;
            for (int step = 0; step < MAX_STEPS; step++) {
                Optional<URI> location = answer.header("Location").map(URI::create);
                if (location.isEmpty() || location.get().toString().startsWith(CALLBACK)) {
                    return answer;
                }
                answer = visit(location.get());
            }
            throw new AssertionError("The browser goes in circles: " + answer);
        }
    }

    /** Removes both realms, where they are there. */
    @Override
    public void close() {
        for (TestRealm realm : List.of(demo, social)) {
            Answer answer = realm.admin().call(realm.name()).delete();
            if (answer.status() != 404) {
                answer.expect(204);
            }
        }
    }

    private static ObjectNode exported(String realm, URI base, URI webSample) {
        try {
            String text = Files.readString(Path.of("realm-export", realm + ".json"));
            String addressed = DEMO_URL.matcher(text).replaceAll(base.toString());
            return (ObjectNode) Json.parse(DEMO_WEB_URL.matcher(addressed).replaceAll(webSample.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
