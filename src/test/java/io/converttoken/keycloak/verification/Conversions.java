// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Call;
import io.converttoken.keycloak.testing.Explained;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.UserEvent;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.util.HashMap;
import java.util.Map;

/** A social provider as a backend of a realm, and what conversions of its tokens must come to. */
record Conversions(TestRealm realm, String alias) {

    /** Every client may convert, unless the mapper's configuration says otherwise. */
    static Conversions add(
            TestRealm realm,
            String alias,
            SocialProvider provider,
            Map<String, String> settings,
            Map<String, String> mapper) {
        Map<String, String> config = new HashMap<>(Map.of("allowedClients", "*"));
        config.putAll(mapper);
        realm.addSocialProvider(alias, provider, settings).addConvertTokenMapper(alias, config);
        return new Conversions(realm, alias);
    }

    static Conversions add(TestRealm realm, String alias, SocialProvider provider) {
        return add(realm, alias, provider, Map.of(), Map.of());
    }

    /** To be sent, with whatever else the test wants to say. */
    Call call(String token) {
        return realm.conversion(alias, token);
    }

    Answer accepts(String token) {
        return call(token).post().expect(200);
    }

    void refuses(String token, ReasonCode reason) {
        refuses(call(token), reason);
        Explained.of(realm, alias, token).refusesFor(reason.code(), token);
    }

    void refuses(Call call, ReasonCode reason) {
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = call.post();

        assertThat(answer.expect(400).error()).isEqualTo("invalid_grant");
        UserEvent event = realm.event("LOGIN_ERROR");
        assertThat(event.detail("reason")).isEqualTo(reason.code());
        assertThat(event.detail("identity_provider")).isEqualTo(alias);
        assertThat(realm.userCount()).isEqualTo(users);
    }

    /** The provider cannot be asked: no verdict on the token. */
    void isUnavailableFor(String token) {
        int users = realm.userCount();
        realm.clearEvents();

        Answer answer = call(token).post();

        assertThat(answer.expect(503).error()).isEqualTo("temporarily_unavailable");
        assertThat(answer.header("Retry-After"))
                .hasValueSatisfying(value -> assertThat(value).matches("[1-9]\\d*"));
        assertThat(realm.event("LOGIN_ERROR").error()).isEqualTo("identity_provider_unavailable");
        assertThat(realm.userCount()).isEqualTo(users);
    }

    void needsInteraction(String token) {
        assertThat(call(token).post().expect(400).error()).isEqualTo("interaction_required");
    }

    /** The realm's id of the user who got the tokens. */
    static String user(Answer answer) {
        return answer.accessTokenClaims().path("sub").asText();
    }
}
