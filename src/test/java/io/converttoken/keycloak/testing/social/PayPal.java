// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.ProviderEndpoint;
import io.converttoken.keycloak.testing.ProviderEndpoint.Reply;
import io.converttoken.keycloak.testing.RecordedRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** PayPal, after <a href="https://developer.paypal.com/api/identity/v1">Identity</a>. */
public final class PayPal extends SocialProvider {

    private final ProviderEndpoint userInfo;

    PayPal(SocialHosts hosts) {
        super(hosts, "paypal-company");
        userInfo = endpoint("https://api.paypal.com/v1/oauth2/token/userinfo", this::profile);
        redeemsCodesAt("https://api.paypal.com/v1/identity/openidconnect/tokenservice");
    }

    @Override
    public String providerId() {
        return "paypal";
    }

    @Override
    public Person newcomer() {
        return Person.unknown().withSubject("https://www.paypal.com/webapps/auth/identity/user/" + newToken(""));
    }

    @Override
    public List<ProviderEndpoint> verificationEndpoints() {
        return List.of(userInfo);
    }

    @Override
    public AccessTokenBuilder accessToken(Person person) {
        return opaque("A21AA", person);
    }

    private Reply profile(RecordedRequest request) {
        return bearer(request)
                .map(AccessToken::profile)
                .map(person -> Reply.json(200, profile(person)))
                .orElseGet(() -> Reply.json(401, Map.of("error", "invalid_token")));
    }

    private static Map<String, Object> profile(Person person) {
        Map<String, Object> profile = new LinkedHashMap<>();
        profile.put("user_id", person.subject());
        profile.put("name", fullName(person));
        profile.put("email", person.email());
        person.emailVerified().putInto(profile);
        profile.put("verified_account", "true");
        return profile;
    }
}
