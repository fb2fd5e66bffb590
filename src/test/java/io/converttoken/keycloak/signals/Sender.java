// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.signals;

import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.Json;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Apple;
import io.converttoken.keycloak.testing.social.Facebook;
import io.converttoken.keycloak.testing.social.GitHub;
import io.converttoken.keycloak.testing.social.Google;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import io.converttoken.keycloak.testing.social.SocialHosts;
import io.converttoken.keycloak.testing.social.SocialProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A provider that tells that a person's sessions have ended, in each of the forms that there are. */
public enum Sender {
    SHARED_SIGNALS(OpenIdProvider.class, 202) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            return sent.event(
                    meaning == Meaning.SESSIONS_END ? CAEP + "session-revoked" : riscType(meaning),
                    Map.of("event_timestamp", sent.happened().getEpochSecond()),
                    Map.of("format", "iss_sub", "iss", sent.provider().issuer(), "sub", sent.subject()));
        }
    },
    GOOGLE(Google.class, 202) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            Map<String, Object> subject =
                    Map.of("subject_type", "iss-sub", "iss", "https://accounts.google.com/", "sub", sent.subject());
            return sent.postEvent(sent.jwt()
                    .noType()
                    .noExpiry()
                    .issuer("https://accounts.google.com/")
                    .claim("toe", sent.happened().getEpochSecond())
                    .claim("events", Map.of(riscType(meaning), Map.of("subject", subject)))
                    .mint());
        }
    },
    APPLE(Apple.class, 200) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            return sent.notification(
                    switch (meaning) {
                        case SESSIONS_END -> "consent-revoked";
                        case ACCOUNT_GONE -> "account-deleted";
                        default -> "email-disabled";
                    });
        }
    },
    GLOBAL_TOKEN_REVOCATION(OpenIdProvider.class, 204) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            String bearer = sent.jwt()
                    .type("global-token-revocation+jwt")
                    .subject(sent.provider().clientId())
                    .audience(sent.uri())
                    .issuedAt(sent.happened())
                    .mint();
            return sent.realm()
                    .call(sent.path())
                    .bearer(bearer)
                    .json(Map.of(
                            "sub_id",
                            Map.of("format", "iss_sub", "iss", sent.provider().issuer(), "sub", sent.subject())))
                    .post();
        }
    },
    BACKCHANNEL_LOGOUT(OpenIdProvider.class, 200) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            return sent.realm()
                    .call(sent.path())
                    .param(
                            "logout_token",
                            sent.jwt()
                                    .type("logout+jwt")
                                    .subject(sent.subject())
                                    .issuedAt(sent.happened())
                                    .claim("events", Map.of(LOGOUT, Map.of()))
                                    .mint())
                    .post();
        }
    },
    FACEBOOK(Facebook.class, 200) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            return sent.signedRequest(meaning == Meaning.ACCOUNT_GONE ? "?deletion=true" : "");
        }
    },
    GITHUB(GitHub.class, 204) {
        @Override
        Answer send(Sent sent, Meaning meaning) {
            String body = Json.write(Map.of(
                    "action",
                    meaning == Meaning.NOTED ? "created" : "revoked",
                    "sender",
                    Map.of("id", Long.parseLong(sent.subject()), "login", "x")));
            return sent.realm()
                    .call(sent.path())
                    .header("X-GitHub-Event", "github_app_authorization")
                    .header("X-GitHub-Delivery", sent.id())
                    .header(
                            "X-Hub-Signature-256",
                            "sha256="
                                    + HexFormat.of()
                                            .formatHex(
                                                    hmac(body, sent.provider().clientSecret())))
                    .body("application/json", body)
                    .post();
        }
    };

    static final String CAEP = "https://schemas.openid.net/secevent/caep/event-type/";
    static final String RISC = "https://schemas.openid.net/secevent/risc/event-type/";
    static final String LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

    private final Class<? extends SocialProvider> provider;
    private final int status;

    Sender(Class<? extends SocialProvider> provider, int status) {
        this.provider = provider;
        this.status = status;
    }

    /** What the provider answers to the signal that it accepts. */
    int status() {
        return status;
    }

    SocialProvider provider(SocialHosts hosts) {
        return hosts.get(provider);
    }

    /** Whether the signal says when it happened. */
    boolean tellsTime() {
        return this != GITHUB;
    }

    /** What the provider can tell in this form. */
    Set<Meaning> meanings() {
        return switch (this) {
            case SHARED_SIGNALS, GOOGLE ->
                EnumSet.of(Meaning.SESSIONS_END, Meaning.ACCOUNT_DISABLED, Meaning.ACCOUNT_GONE, Meaning.NOTED);
            case APPLE -> EnumSet.of(Meaning.SESSIONS_END, Meaning.ACCOUNT_GONE, Meaning.NOTED);
            case FACEBOOK -> EnumSet.of(Meaning.SESSIONS_END, Meaning.ACCOUNT_GONE);
            case GITHUB -> EnumSet.of(Meaning.SESSIONS_END, Meaning.NOTED);
            case GLOBAL_TOKEN_REVOCATION, BACKCHANNEL_LOGOUT -> EnumSet.of(Meaning.SESSIONS_END);
        };
    }

    private static String riscType(Meaning meaning) {
        return RISC
                + switch (meaning) {
                    case SESSIONS_END -> "sessions-revoked";
                    case ACCOUNT_DISABLED -> "account-disabled";
                    case ACCOUNT_ENABLED -> "account-enabled";
                    case ACCOUNT_GONE -> "account-purged";
                    case NOTED -> "account-credential-change-required";
                };
    }

    abstract Answer send(Sent sent, Meaning meaning);

    /** The sessions have ended. */
    Answer send(Sent sent) {
        return send(sent, Meaning.SESSIONS_END);
    }

    /** As providers prove messages to those who share a secret with them. */
    public static byte[] hmac(String message, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A signal on its way.
     *
     * @param realm to whom
     * @param alias the backend
     * @param provider from whom
     * @param subject about whom: the id at the provider
     * @param happened when
     * @param id what tells it from others
     */
    record Sent(TestRealm realm, String alias, SocialProvider provider, String subject, Instant happened, String id) {

        static Sent now(TestRealm realm, String alias, SocialProvider provider, Person person) {
            return new Sent(
                    realm,
                    alias,
                    provider,
                    provider.storedId(person),
                    Instant.now(),
                    UUID.randomUUID().toString());
        }

        Sent about(String other) {
            return new Sent(realm, alias, provider, other, happened, id);
        }

        Sent at(Instant other) {
            return new Sent(realm, alias, provider, subject, other, id);
        }

        String path() {
            return "/auth/signals/" + alias;
        }

        String uri() {
            return realm.uri(path()).toString();
        }

        /** Genuine, for us, signed now. */
        JwtBuilder jwt() {
            return new JwtBuilder(provider, Person.unknown())
                    .noSubject()
                    .audience(provider.clientId())
                    .claim("jti", id);
        }

        JwtBuilder securityEvent(String type, Map<String, ?> event, Map<String, ?> subject) {
            return jwt().type("secevent+jwt")
                    .noExpiry()
                    .claim("sub_id", subject)
                    .claim("events", Map.of(type, event));
        }

        Answer event(String type, Map<String, ?> event, Map<String, ?> about) {
            return postEvent(securityEvent(type, event, about).mint());
        }

        Answer event(String type) {
            return event(
                    type,
                    Map.of("event_timestamp", happened.getEpochSecond()),
                    Map.of("format", "iss_sub", "iss", provider.issuer(), "sub", subject));
        }

        Answer postEvent(String token) {
            return realm.call(path()).body("application/secevent+jwt", token).post();
        }

        Answer notification(String type) {
            String event = Json.write(Map.of("type", type, "sub", subject, "event_time", happened.toEpochMilli()));
            return realm.call(path())
                    .json(Map.of(
                            "payload", jwt().noType().claim("events", event).mint()))
                    .post();
        }

        Answer signedRequest(String query) {
            return signedRequest(query, Map.of());
        }

        Answer signedRequest(String query, Map<String, ?> more) {
            Map<String, Object> members = new LinkedHashMap<>(more);
            members.putAll(
                    Map.of("algorithm", "HMAC-SHA256", "issued_at", happened.getEpochSecond(), "user_id", subject));
            String payload = Jwts.encode(Json.write(members));
            String signature =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(hmac(payload, provider.clientSecret()));
            return realm.call(path() + query)
                    .param("signed_request", signature + "." + payload)
                    .post();
        }
    }
}
