// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An opaque access token in the making, with what introspection and user info will say of it. */
public final class OpaqueTokenBuilder {

    private final FakeProvider provider;
    private final Map<String, Object> introspection = new LinkedHashMap<>();
    private final Map<String, Object> userInfo;

    OpaqueTokenBuilder(FakeProvider provider, Person person) {
        this.provider = provider;
        this.userInfo = person.claims();
        Instant now = Instant.now();
        introspects("active", true);
        introspects("sub", person.subject());
        introspects("username", person.username());
        introspects("client_id", FakeProvider.CLIENT_ID);
        introspects("token_type", "Bearer");
        introspects("scope", "openid profile email");
        introspects("iss", provider.issuer());
        introspects("iat", now.getEpochSecond());
        introspects("exp", now.plus(Duration.ofMinutes(5)).getEpochSecond());
    }

    /** Introspection names this client. */
    public OpaqueTokenBuilder issuedTo(String clientId) {
        return introspects("client_id", clientId);
    }

    /** Introspection names this audience, or a list of several. */
    public OpaqueTokenBuilder audience(String... audiences) {
        return introspects("aud", audiences.length == 1 ? audiences[0] : List.of(audiences));
    }

    /** Introspection tells neither a client nor an audience. */
    public OpaqueTokenBuilder namingNoClient() {
        return introspectsNo("client_id").introspectsNo("aud");
    }

    public OpaqueTokenBuilder inactive() {
        introspection.clear();
        return introspects("active", false);
    }

    /** Changes a member of the introspection answer. */
    public OpaqueTokenBuilder introspects(String member, Object value) {
        introspection.put(member, value);
        return this;
    }

    public OpaqueTokenBuilder introspectsNo(String member) {
        introspection.remove(member);
        return this;
    }

    /** Changes a claim of user info. */
    public OpaqueTokenBuilder userInfo(String claim, Object value) {
        userInfo.put(claim, value);
        return this;
    }

    public OpaqueTokenBuilder noUserInfo(String claim) {
        userInfo.remove(claim);
        return this;
    }

    /** The token; the provider knows it from here on. */
    public String mint() {
        String token = FakeProvider.newOpaqueToken();
        provider.issue(token, introspection, userInfo);
        return token;
    }
}
