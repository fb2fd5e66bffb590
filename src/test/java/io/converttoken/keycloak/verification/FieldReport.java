// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.social.OpenIdProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What somebody reported of a provider's tokens, and what becomes of them. Each method says what is different about this one;
 * it converts until told otherwise.
 */
final class FieldReport {

    private final String source;
    private final Browser browser;
    private final Map<String, String> settings = new HashMap<>();
    private String what;
    private UnaryOperator<JwtBuilder> claims;
    private UnaryOperator<String> form = UnaryOperator.identity();
    private Person person = Person.unknown();
    private Situation situation = somebody -> {};
    private Function<Person, String> token;
    private Optional<ReasonCode> refusal = Optional.empty();

    /**
     * @param source who reported or documents it
     * @param what the odd thing about it
     * @param browser what the browser login of the same Keycloak does
     * @param claims what the provider's ID tokens say
     * @param token what the app sends
     */
    FieldReport(
            String source,
            String what,
            Browser browser,
            UnaryOperator<JwtBuilder> claims,
            Function<Person, String> token) {
        this.source = source;
        this.what = what;
        this.browser = browser;
        this.claims = claims;
        this.token = token;
    }

    /** What the browser login does. */
    enum Browser {
        SIGNS_IN("signs in"),
        REFUSES("refuses"),
        DOES_NOT_APPLY("–");

        private final String words;

        Browser(String words) {
            this.words = words;
        }
    }

    /** Brings the provider into it. */
    @FunctionalInterface
    interface Situation {
        void bringAbout(Person person);
    }

    /** Settings of the identity provider, over those that are usual. */
    FieldReport with(Map<String, String> more) {
        settings.putAll(more);
        return this;
    }

    FieldReport titled(String other) {
        what = other;
        return this;
    }

    /** The id by which the person is known in the end. */
    FieldReport of(String subject) {
        person = person.withSubject(subject);
        return this;
    }

    FieldReport where(Situation other) {
        situation = other;
        return this;
    }

    FieldReport issuing(UnaryOperator<JwtBuilder> otherClaims) {
        claims = otherClaims;
        return this;
    }

    /** The token in another form: ID tokens by browser, too. */
    FieldReport inForm(UnaryOperator<String> otherForm) {
        form = otherForm;
        if (browser == Browser.DOES_NOT_APPLY) {
            token = token.andThen(otherForm);
        }
        return this;
    }

    FieldReport converting(Function<Person, String> other) {
        token = other;
        return this;
    }

    FieldReport isRefused(ReasonCode reason) {
        refusal = Optional.of(reason);
        return this;
    }

    String source() {
        return source;
    }

    Browser browser() {
        return browser;
    }

    Map<String, String> settings() {
        return settings;
    }

    Person person() {
        return person;
    }

    Optional<ReasonCode> refusal() {
        return refusal;
    }

    /** The provider is as it was reported. */
    void bringAbout(OpenIdProvider provider) {
        provider.issuesIdTokens(claims, form);
        situation.bringAbout(person);
    }

    /** What the app sends. */
    String token() {
        return token.apply(person);
    }

    static String markdown(List<FieldReport> reports) {
        return "| source | situation | browser login | conversion |\n|---|---|---|---|\n"
                + reports.stream().map(FieldReport::row).collect(Collectors.joining());
    }

    private String row() {
        return "| " + source + " | " + what + " | " + browser.words + " | "
                + refusal.map(reason -> "refused: " + reason.code()).orElse("converts") + " |\n";
    }

    @Override
    public String toString() {
        return source + ": " + what;
    }
}
