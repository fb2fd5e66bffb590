// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.benchmark;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import java.util.Random;

/** Somebody who comes again and again with people of their own, and knows what each answer must be. */
final class Visitor {

    static final String BACKEND = "visited";

    /** Only for tokens that are refused, so that whoever counts refusals counts none for the other. */
    static final String REFUSING_BACKEND = "refusing";

    private static final int PEOPLE = 20;

    private final TestRealm realm;
    private final FakeProvider provider;
    private final Tally tally;
    private final String name;
    private final Random random;
    private int newcomers;

    Visitor(TestRealm realm, FakeProvider provider, Tally tally, int number) {
        this.realm = realm;
        this.provider = provider;
        this.tally = tally;
        this.name = "visitor-" + number + "-";
        this.random = new Random(number);
    }

    void visit() {
        try {
            Person person = Person.named(name + random.nextInt(PEOPLE));
            Answer tokens = tally.expect(
                    "ID token", convert(BACKEND, provider.idToken(person).mint()), 200);
            if (tokens.status() == 200) {
                use(tokens);
            }
            switch (random.nextInt(5)) {
                case 0 ->
                    tally.expect(
                            "first time",
                            convert(BACKEND, provider.idToken(newcomer()).mint()),
                            200);
                case 1 -> tally.expect("refused", convert(REFUSING_BACKEND, refused(person)), 400, 429, 503);
                // the provider is slow, or gone, now and then
                default ->
                    tally.expect(
                            "opaque token",
                            convert(BACKEND, provider.opaqueToken(person).mint()),
                            200,
                            503);
            }
        } catch (RuntimeException e) {
            tally.failed(e);
        }
    }

    private void use(Answer tokens) {
        tally.expect("userinfo", realm.userInfo(tokens.accessToken()), 200);
        Answer refreshed = tally.expect("refresh", realm.refresh(TestRealm.APP, tokens.refreshToken()), 200);
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                tally.expect("invalidate-refresh-tokens", invalidate("refresh-tokens", tokens), 204);
                tally.expect("refresh afterwards", realm.refresh(TestRealm.APP, refreshed.refreshToken()), 400);
                tally.expect("userinfo afterwards", realm.userInfo(tokens.accessToken()), 200);
            }
            case 2 -> {
                tally.expect("invalidate-sessions", invalidate("sessions", tokens), 204);
                tally.expect("userinfo without session", realm.userInfo(tokens.accessToken()), 401);
            }
            default -> {}
        }
    }

    private Answer convert(String backend, String token) {
        return realm.conversion(backend, token).param("scope", "openid").post();
    }

    private Answer invalidate(String what, Answer tokens) {
        return realm.call("/auth/invalidate-" + what)
                .bearer(tokens.accessToken())
                .param("client_id", TestRealm.APP.clientId())
                .post();
    }

    private String refused(Person person) {
        return switch (random.nextInt(4)) {
            case 0 ->
                provider.idToken(person)
                        .audience(FakeProvider.ANOTHER_CLIENT_ID)
                        .mint();
            case 1 -> provider.idToken(person).issuer("https://another.example").mint();
            case 2 -> provider.idToken(person).unsigned().mint();
            default -> provider.unknownOpaqueToken();
        };
    }

    private Person newcomer() {
        newcomers++;
        return Person.named(name + "newcomer-" + newcomers);
    }
}
