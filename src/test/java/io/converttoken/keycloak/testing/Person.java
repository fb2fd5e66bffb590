// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** A person as the outside world knows them. */
public record Person(
        String subject,
        String username,
        String email,
        EmailVerified emailVerified,
        String givenName,
        String familyName) {

    /** The same person for the same name. */
    public static Person named(String name) {
        return new Person(
                "subject-of-" + name,
                name,
                name + "@provider.example",
                EmailVerified.YES,
                capitalised(name),
                "Example");
    }

    /** Somebody whom no realm has seen yet. */
    public static Person unknown() {
        return named("person-" + UUID.randomUUID().toString().substring(0, 8));
    }

    public Person withSubject(String other) {
        return new Person(other, username, email, emailVerified, givenName, familyName);
    }

    public Person withUsername(String other) {
        return new Person(subject, other, email, emailVerified, givenName, familyName);
    }

    public Person withEmail(String other) {
        return new Person(subject, username, other, emailVerified, givenName, familyName);
    }

    public Person withUnverifiedEmail() {
        return withEmailVerified(EmailVerified.NO);
    }

    public Person withEmailVerified(EmailVerified said) {
        return new Person(subject, username, email, said, givenName, familyName);
    }

    public Person withNames(String given, String family) {
        return new Person(subject, username, email, emailVerified, given, family);
    }

    /** The profile as OpenID Connect claims, {@code sub} among them. */
    public Map<String, Object> claims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", subject);
        claims.put("preferred_username", username);
        claims.put("email", email);
        emailVerified.putInto(claims);
        claims.put("name", givenName + " " + familyName);
        claims.put("given_name", givenName);
        claims.put("family_name", familyName);
        return claims;
    }

    private static String capitalised(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
