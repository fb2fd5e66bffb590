// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.guides;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.FakeProvider;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What an app of drf-social-oauth2 may run into, done in the same way on both sides. */
final class DjangoSituations {

    /** Known to both sides: has a password, and an identity at the provider. */
    static final Person LINKED = Person.named("linked");

    /** As {@link #LINKED}, and disabled. */
    static final Person DISABLED = Person.named("disabled");

    /** Has signed in by the provider alone. */
    static final Person PASSWORDLESS = Person.named("passwordless");

    /** Whose address no other user may have, there. */
    static final Person UNIQUE = Person.named("unique").withEmail("taken@unique.example");

    /** Whose address other users may have, there. */
    static final Person ALICE = Person.named("alice").withEmail("alice@realm.example");

    private static final String BACKEND = "google-oauth2";
    private static final String EVERY_CALL = "every call";
    private static final String CONVERT = "convert-token";
    private static final String TOKEN = "token";
    private static final String REVOKE = "revoke-token";
    private static final String DISCONNECT = "disconnect-backend";
    private static final String SESSIONS = "invalidate-sessions";
    private static final String REFRESH_TOKENS = "invalidate-refresh-tokens";

    private static final String INVALIDATIONS = SESSIONS + ", " + REFRESH_TOKENS;

    private final FakeProvider provider;
    private final List<Situation> all = new ArrayList<>();

    private DjangoSituations(FakeProvider provider) {
        this.provider = provider;
    }

    /** One of the two that answer. */
    interface Side {

        Call call(String endpoint);

        /** What {@code association_id} names a person's identity by. */
        String associationOf(Person person);
    }

    /**
     * Calls that are answered alike.
     *
     * @param call the endpoint, as the guide's table has it
     * @param when the situation, as the guide's table has it
     */
    record Situation(String call, String when, Function<Side, List<Answer>> answers) {

        @Override
        public String toString() {
            return call + ": " + when;
        }
    }

    static List<Situation> of(FakeProvider provider) {
        DjangoSituations situations = new DjangoSituations(provider);
        situations.successes();
        situations.afterwards();
        situations.conversions();
        situations.grants();
        situations.revocations();
        situations.bearers();
        situations.disconnections();
        return List.copyOf(situations.all);
    }

    private void successes() {
        String ofBearer = "bearer token and `client_id`; in the same ways";
        add(
                CONVERT,
                "form, `multipart/form-data`, JSON; with a slash at the end or without",
                side -> everyWay(CONVERT, endpoint -> conversion(side, endpoint, goodToken())));
        add(
                TOKEN,
                "`password`; in the same ways",
                side -> everyWay(TOKEN, endpoint -> password(side, endpoint, LINKED.username())));
        one(TOKEN, "`refresh_token`", side -> refresh(side, signIn(side)));
        for (String call : List.of(REVOKE, SESSIONS, REFRESH_TOKENS)) {
            add(call, ofBearer, side -> everyWay(call, endpoint -> asApp(bearer(side, endpoint))));
        }
        one(
                DISCONNECT,
                "`backend` and `association_id`",
                side -> disconnection(side, LINKED)
                        .param("association_id", side.associationOf(LINKED))
                        .post());
    }

    private void afterwards() {
        for (String endpoint : List.of(REVOKE, SESSIONS, REFRESH_TOKENS)) {
            one(REFRESH_TOKENS, "access token after " + endpoint, side -> use(side, ended(side, endpoint)));
            one(TOKEN, "refresh token after " + endpoint, side -> refresh(side, ended(side, endpoint)));
        }
        one(TOKEN, "refresh token that was used before", side -> {
            Answer tokens = signIn(side);
            refresh(side, tokens).expect(200);
            return refresh(side, tokens);
        });
    }

    /** Tokens of which an endpoint has ended something. */
    private static Answer ended(Side side, String endpoint) {
        Answer tokens = signIn(side);
        Answer ended = asApp(side.call(endpoint).bearer(tokens.accessToken())).post();
        if (ended.status() / 100 != 2) {
            throw new AssertionError(ended.toString());
        }
        return tokens;
    }

    private void conversions() {
        one(
                CONVERT,
                "provider does not know the token",
                side -> conversion(side, provider.unknownOpaqueToken()).post());
        provided("provider answers 503", endpoint -> endpoint.answersStatus(503));
        provided(
                "provider answers 429 or 500",
                endpoint -> endpoint.answersStatus(429),
                endpoint -> endpoint.answersStatus(500));
        provided("provider answers something that is not JSON", ProviderEndpoint::answersGarbage);
        provided("provider closes the connection", ProviderEndpoint::hangsUp);
        one(
                CONVERT,
                "unknown `client_id`",
                side -> conversionBy(side, "unheard-of").post());
        one(
                CONVERT,
                "no `client_id`",
                side -> conversionOf(side, CONVERT, goodToken()).post());
        one(
                CONVERT,
                "confidential client without its secret",
                side -> conversionBy(side, "app").post());
        one(
                CONVERT,
                "confidential client with a wrong secret",
                side -> conversionBy(side, "app")
                        .param("client_secret", "wrong")
                        .post());
        one(
                CONVERT,
                "no `token`",
                side -> asApp(side.call(CONVERT))
                        .param("grant_type", "convert_token")
                        .param("backend", BACKEND)
                        .post());
        one(
                CONVERT,
                "no `backend`",
                side -> asApp(side.call(CONVERT))
                        .param("grant_type", "convert_token")
                        .param("token", goodToken())
                        .post());
        one(
                CONVERT,
                "no `grant_type`",
                side -> asApp(side.call(CONVERT))
                        .param("backend", BACKEND)
                        .param("token", goodToken())
                        .post());
        one(
                CONVERT,
                "another `grant_type`",
                side -> asApp(side.call(CONVERT))
                        .param("grant_type", "password")
                        .param("backend", BACKEND)
                        .param("token", goodToken())
                        .post());
        one(
                CONVERT,
                "unknown `backend`",
                side -> asApp(side.call(CONVERT))
                        .param("grant_type", "convert_token")
                        .param("backend", "unheard-of")
                        .param("token", goodToken())
                        .post());
        one(
                CONVERT,
                "address of another account; Django's user model wants each once",
                side -> conversion(side, tokenOf(Person.unknown().withEmail(UNIQUE.email())))
                        .post());
        one(
                CONVERT,
                "address of another account; Django's own user model",
                side -> conversion(side, tokenOf(Person.unknown().withEmail(ALICE.email())))
                        .post());
        one(
                CONVERT,
                "disabled user",
                side -> conversion(side, tokenOf(DISABLED)).post());
    }

    private void grants() {
        one(
                TOKEN,
                "wrong password",
                side -> asApp(side.call(TOKEN))
                        .param("grant_type", "password")
                        .param("username", LINKED.username())
                        .param("password", "wrong")
                        .post());
        one(
                TOKEN,
                "disabled user",
                side -> password(side, TOKEN, DISABLED.username()).post());
        one(
                TOKEN,
                "no `password`",
                side -> asApp(side.call(TOKEN))
                        .param("grant_type", "password")
                        .param("username", LINKED.username())
                        .post());
        one(
                TOKEN,
                "unknown refresh token",
                side -> asApp(side.call(TOKEN))
                        .param("grant_type", "refresh_token")
                        .param("refresh_token", "unheard-of")
                        .post());
        one(TOKEN, "unknown `client_id`", side -> passwordBy(side, "unheard-of").post());
        one(
                TOKEN,
                "no `client_id`",
                side -> side.call(TOKEN)
                        .param("grant_type", "password")
                        .param("username", LINKED.username())
                        .param("password", LINKED.username())
                        .post());
        add(
                TOKEN,
                "confidential client with a wrong secret, or without",
                side -> List.of(
                        passwordBy(side, "app").param("client_secret", "wrong").post(),
                        passwordBy(side, "app").post()));
        one(TOKEN, "no `grant_type`", side -> asApp(side.call(TOKEN)).post());
        one(
                TOKEN,
                "unknown `grant_type`",
                side -> asApp(side.call(TOKEN))
                        .param("grant_type", "unheard-of")
                        .post());
    }

    private void revocations() {
        one(REVOKE, "no `client_id`", side -> bearer(side, REVOKE).post());
        one(
                REVOKE,
                "unknown `client_id`",
                side -> bearer(side, REVOKE).param("client_id", "unheard-of").post());
        one(
                REVOKE,
                "confidential client without its secret",
                side -> bearer(side, REVOKE).param("client_id", "app").post());
        one(
                REVOKE,
                "no bearer token",
                side -> side.call(REVOKE)
                        .param("client_id", "app")
                        .param("client_secret", "app-secret")
                        .post());
    }

    private void bearers() {
        add(INVALIDATIONS, "no bearer token", side -> invalidations(side, call -> call.param("client_id", "app")));
        add(INVALIDATIONS, "no `client_id`", side -> invalidations(side, call -> call.bearer(accessToken(side))));
        add(
                INVALIDATIONS,
                "unknown `client_id`",
                side -> invalidations(
                        side, call -> call.bearer(accessToken(side)).param("client_id", "unheard-of")));
        String dead = "bearer token that is unknown or was revoked";
        add(
                INVALIDATIONS + ", " + DISCONNECT,
                dead,
                side -> Stream.of(SESSIONS, REFRESH_TOKENS, DISCONNECT)
                        .flatMap(endpoint -> ofDeadBearers(side, endpoint))
                        .toList());
        add(REVOKE, dead, side -> ofDeadBearers(side, REVOKE).toList());
        toEveryCall(
                "GET, PUT, DELETE", call -> call.send("GET"), call -> call.send("PUT"), call -> call.send("DELETE"));
        toEveryCall(
                "body of another type, such as `text/plain`",
                call -> call.body("text/plain", "client_id=app").post());
        toEveryCall(
                "body that is not the JSON it says it is",
                call -> call.body("application/json", "{").post());
    }

    private void disconnections() {
        one(
                DISCONNECT,
                "no bearer token",
                side -> side.call(DISCONNECT)
                        .param("backend", BACKEND)
                        .param("association_id", "1")
                        .post());
        one(
                DISCONNECT,
                "no `backend`",
                side -> bearer(side, DISCONNECT)
                        .param("association_id", side.associationOf(LINKED))
                        .post());
        one(
                DISCONNECT,
                "unknown `backend`",
                side -> bearer(side, DISCONNECT)
                        .param("backend", "unheard-of")
                        .param("association_id", side.associationOf(LINKED))
                        .post());
        one(
                DISCONNECT,
                "no `association_id`",
                side -> disconnection(side, LINKED).post());
        one(
                DISCONNECT,
                "`association_id` of nobody",
                side -> disconnection(side, LINKED)
                        .param("association_id", "4711")
                        .post());
        one(
                DISCONNECT,
                "identity that is the only way to sign in",
                side -> side.call(DISCONNECT)
                        .bearer(conversion(side, tokenOf(PASSWORDLESS))
                                .post()
                                .expect(200)
                                .accessToken())
                        .param("backend", BACKEND)
                        .param("association_id", side.associationOf(PASSWORDLESS))
                        .post());
    }

    // how it is done

    private void one(String call, String when, Function<Side, Answer> answer) {
        add(call, when, side -> List.of(answer.apply(side)));
    }

    private void add(String call, String when, Function<Side, List<Answer>> answers) {
        all.add(new Situation(call, when, answers));
    }

    @SafeVarargs
    private final void toEveryCall(String when, Function<Call, Answer>... sent) {
        add(
                EVERY_CALL,
                when,
                side -> Stream.of(CONVERT, TOKEN, REVOKE, SESSIONS, REFRESH_TOKENS, DISCONNECT)
                        .flatMap(endpoint -> Stream.of(sent)
                                .map(send -> send.apply(side.call(endpoint).bearer(accessToken(side)))))
                        .toList());
    }

    @SafeVarargs
    private final void provided(String when, Consumer<ProviderEndpoint>... faults) {
        add(
                CONVERT,
                when,
                side -> Stream.of(faults)
                        .map(fault -> {
                            String token = goodToken();
                            fault.accept(provider.userInfo());
                            fault.accept(provider.introspection());
                            return conversion(side, token).post();
                        })
                        .toList());
    }

    private static List<Answer> everyWay(String endpoint, Function<String, Call> call) {
        return List.of(
                call.apply(endpoint).post(),
                call.apply(endpoint).postMultipart(),
                call.apply(endpoint).postJson(),
                call.apply(endpoint + "/").post());
    }

    private static List<Answer> invalidations(Side side, UnaryOperator<Call> parameters) {
        return Stream.of(SESSIONS, REFRESH_TOKENS)
                .map(endpoint -> parameters.apply(side.call(endpoint)).post())
                .toList();
    }

    private String goodToken() {
        return tokenOf(LINKED);
    }

    private String tokenOf(Person person) {
        return provider.opaqueToken(person).mint();
    }

    private Call conversionBy(Side side, String clientId) {
        return conversionOf(side, CONVERT, goodToken()).param("client_id", clientId);
    }

    private static Call conversion(Side side, String token) {
        return conversion(side, CONVERT, token);
    }

    private static Call conversion(Side side, String endpoint, String token) {
        return asApp(conversionOf(side, endpoint, token));
    }

    private static Call conversionOf(Side side, String endpoint, String token) {
        return side.call(endpoint)
                .param("grant_type", "convert_token")
                .param("backend", BACKEND)
                .param("token", token);
    }

    private static Call passwordBy(Side side, String clientId) {
        return passwordGrant(side, TOKEN, LINKED.username()).param("client_id", clientId);
    }

    private static Call password(Side side, String endpoint, String username) {
        return asApp(passwordGrant(side, endpoint, username));
    }

    /** Passwords are the names. */
    private static Call passwordGrant(Side side, String endpoint, String username) {
        return side.call(endpoint)
                .param("grant_type", "password")
                .param("username", username)
                .param("password", username);
    }

    private static Answer signIn(Side side) {
        return password(side, TOKEN, LINKED.username()).post().expect(200);
    }

    private static String accessToken(Side side) {
        return signIn(side).accessToken();
    }

    private static Call bearer(Side side, String endpoint) {
        return side.call(endpoint).bearer(accessToken(side));
    }

    private static Call disconnection(Side side, Person person) {
        return side.call(DISCONNECT)
                .bearer(password(side, TOKEN, person.username())
                        .post()
                        .expect(200)
                        .accessToken())
                .param("backend", BACKEND);
    }

    private static Stream<Answer> ofDeadBearers(Side side, String endpoint) {
        return Stream.of("unheard-of", revoked(side))
                .map(dead -> asApp(side.call(endpoint).bearer(dead)).post());
    }

    private static String revoked(Side side) {
        String token = accessToken(side);
        asApp(side.call(REVOKE).bearer(token)).post();
        return token;
    }

    /** Something that any living access token may do. */
    private static Answer use(Side side, Answer tokens) {
        return side.call(REFRESH_TOKENS)
                .bearer(tokens.accessToken())
                .param("client_id", "app")
                .post();
    }

    private static Answer refresh(Side side, Answer tokens) {
        return asApp(side.call(TOKEN))
                .param("grant_type", "refresh_token")
                .param("refresh_token", tokens.refreshToken())
                .post();
    }

    private static Call asApp(Call call) {
        return call.param("client_id", "app").param("client_secret", "app-secret");
    }
}
