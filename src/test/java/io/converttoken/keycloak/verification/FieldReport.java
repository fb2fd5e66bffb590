package io.converttoken.keycloak.verification;

import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Person;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What somebody reported of a provider's tokens, and what becomes of them.
 *
 * @param source who reported or documents it
 * @param what the odd thing about it
 * @param browser what the browser login of the same Keycloak does
 * @param claims what the provider's ID tokens say
 * @param form what it makes of them in the end
 * @param settings of the identity provider, over those that are usual
 * @param person who signs in
 * @param situation how the provider behaves
 * @param token what the app sends
 * @param refusal why it does not convert, if it does not
 */
record FieldReport(
        String source,
        String what,
        Browser browser,
        UnaryOperator<JwtBuilder> claims,
        UnaryOperator<String> form,
        Map<String, String> settings,
        Person person,
        Situation situation,
        Function<Person, String> token,
        Optional<Refusal> refusal) {

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

    FieldReport with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(more);
        return new FieldReport(source, what, browser, claims, form, all, person, situation, token, refusal);
    }

    FieldReport titled(String other) {
        return new FieldReport(source, other, browser, claims, form, settings, person, situation, token, refusal);
    }

    /** The id by which the person is known in the end. */
    FieldReport of(String subject) {
        return new FieldReport(
                source, what, browser, claims, form, settings, person.withSubject(subject), situation, token, refusal);
    }

    FieldReport where(Situation other) {
        return new FieldReport(source, what, browser, claims, form, settings, person, other, token, refusal);
    }

    FieldReport issuing(UnaryOperator<JwtBuilder> otherClaims) {
        return new FieldReport(source, what, browser, otherClaims, form, settings, person, situation, token, refusal);
    }

    /** The token in another form: ID tokens by browser, too. */
    FieldReport inForm(UnaryOperator<String> otherForm) {
        Function<Person, String> inForm = browser == Browser.DOES_NOT_APPLY ? token.andThen(otherForm) : token;
        return new FieldReport(source, what, browser, claims, otherForm, settings, person, situation, inForm, refusal);
    }

    FieldReport converting(Function<Person, String> other) {
        return new FieldReport(source, what, browser, claims, form, settings, person, situation, other, refusal);
    }

    FieldReport isRefused(Refusal reason) {
        return new FieldReport(
                source, what, browser, claims, form, settings, person, situation, token, Optional.of(reason));
    }

    static String markdown(List<FieldReport> reports) {
        return "| source | situation | browser login | conversion |\n|---|---|---|---|\n"
                + reports.stream().map(FieldReport::row).collect(Collectors.joining());
    }

    private String row() {
        return "| " + source + " | " + what + " | " + browser.words + " | "
                + refusal.map(reason -> "refused: " + reason.reason()).orElse("converts") + " |\n";
    }

    @Override
    public String toString() {
        return source + ": " + what;
    }
}
