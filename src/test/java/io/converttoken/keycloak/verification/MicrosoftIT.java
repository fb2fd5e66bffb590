// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.testing.Answer;
import io.converttoken.keycloak.testing.BrowserLogin;
import io.converttoken.keycloak.testing.JwtBuilder;
import io.converttoken.keycloak.testing.Jwts;
import io.converttoken.keycloak.testing.KeycloakExtension;
import io.converttoken.keycloak.testing.Person;
import io.converttoken.keycloak.testing.TestRealm;
import io.converttoken.keycloak.testing.social.Microsoft;
import io.converttoken.keycloak.testing.social.SocialHosts;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Microsoft's tokens beside what {@link SocialRefusalsIT} refuses. */
@ExtendWith(KeycloakExtension.class)
class MicrosoftIT {

    private static final String ANOTHER_TENANT = "bbbbcccc-1111-dddd-2222-eeee3333ffff";

    private static TestRealm realm;
    private static Microsoft microsoft;
    private static Conversions common;

    @BeforeAll
    static void backends(TestRealm testRealm, SocialHosts hosts) {
        realm = testRealm;
        microsoft = hosts.get(Microsoft.class);
        common = Conversions.add(realm, "common", microsoft);
        for (String tenant : List.of("organizations", "consumers")) {
            Conversions.add(realm, tenant, microsoft, Map.of("tenantId", tenant), Map.of());
        }
        Conversions.add(realm, "fixed", microsoft, Map.of("tenantId", Microsoft.TENANT), Map.of());
        Conversions.add(realm, "explicit", microsoft, Map.of("tenantId", "common"), Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "common, OURS, true", "common, ANOTHER, true", "common, PERSONAL, true",
        "explicit, OURS, true", "explicit, ANOTHER, true", "explicit, PERSONAL, true",
        "organizations, OURS, true", "organizations, ANOTHER, true", "organizations, PERSONAL, false",
        "consumers, OURS, false", "consumers, ANOTHER, false", "consumers, PERSONAL, true",
        "fixed, OURS, true", "fixed, ANOTHER, false", "fixed, PERSONAL, false"
    })
    void tenantIsAsConfigured(String alias, String whose, boolean isTaken) {
        Conversions conversions = new Conversions(realm, alias);
        String token = idTokenOf(whose);

        if (isTaken) {
            conversions.accepts(token);
        } else {
            conversions.refuses(token, ReasonCode.ISSUER_MISMATCH);
        }
    }

    private static String idTokenOf(String whose) {
        return switch (whose) {
            case "OURS" -> microsoft.idToken(microsoft.newcomer()).mint();
            case "PERSONAL" -> microsoft.idToken(microsoft.personalNewcomer()).mint();
            default ->
                microsoft
                        .idToken(microsoft.newcomer())
                        .claim("tid", ANOTHER_TENANT)
                        .issuer(Microsoft.issuer(ANOTHER_TENANT))
                        .mint();
        };
    }

    static Stream<UnaryOperator<JwtBuilder>> issuersThatAreNot() {
        return Stream.of(
                token -> token.claim("tid", ANOTHER_TENANT),
                token -> token.issuer(Microsoft.issuer(ANOTHER_TENANT)),
                token -> token.issuer(Microsoft.issuer("common")),
                token -> token.issuer("https://sts.windows.net/" + Microsoft.TENANT + "/"),
                token -> token.without("tid"),
                token -> token.claim("tid", "common").issuer(Microsoft.issuer("common")),
                token -> token.claim("tid", "../x").issuer(Microsoft.issuer("../x")),
                token -> token.claim("ver", "1.0"),
                token -> token.without("ver"));
    }

    @ParameterizedTest
    @MethodSource("issuersThatAreNot")
    void issuerMustBeTheTokensOwnTenant(UnaryOperator<JwtBuilder> change) {
        common.refuses(change.apply(microsoft.idToken(microsoft.newcomer())).mint(), ReasonCode.ISSUER_MISMATCH);
    }

    @Test
    void pairwiseSubjectIsNeverTheId() {
        Person one = microsoft.newcomer();
        Person two = microsoft.newcomer();

        Answer first = common.accepts(microsoft.idToken(one).subject("same").mint());
        Answer second = common.accepts(microsoft.idToken(two).subject("same").mint());
        Answer third = common.accepts(microsoft.idToken(one).subject("other").mint());

        assertThat(Conversions.user(second)).isNotEqualTo(Conversions.user(first));
        assertThat(Conversions.user(third)).isEqualTo(Conversions.user(first));
    }

    /** The realm asks for both names, as a stock one does. */
    @Test
    void defaultClaimsMakeTheAccountThatTheBrowserMakes() {
        Person person = microsoft.newcomer().withNames("Anna Maria", "Schmidt");
        JsonNode byConversion = account(common.accepts(microsoft.idToken(person).mint()));
        realm.admin().delete(realm.name() + "/users/" + byConversion.path("id").asText());
        JsonNode byBrowser = account(
                BrowserLogin.withoutAnyPage(realm, "common", microsoft, person).orElseThrow());

        for (String member : List.of("username", "firstName", "lastName", "email", "emailVerified")) {
            assertThat(byConversion.path(member)).isEqualTo(byBrowser.path(member));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Erika Mustermann|Erika|Mustermann",
                "Mustermann, Erika|Erika|Mustermann",
                "von Droste zu Hülshoff, Anna Elisabeth|Anna Elisabeth|von Droste zu Hülshoff",
                "Erika  Mustermann|Erika|Mustermann"
            })
    void wholeNameIsParted(String name, String givenName, String familyName) {
        JsonNode account = account(common.accepts(
                microsoft.idToken(microsoft.newcomer()).claim("name", name).mint()));

        assertThat(account.path("firstName").asText()).isEqualTo(givenName);
        assertThat(account.path("lastName").asText()).isEqualTo(familyName);
    }

    /** The browser login of somebody without a family name asks for it, too. */
    @Test
    void nameThatCanNotBePartedNeedsThePerson() {
        common.needsInteraction(
                microsoft.idToken(microsoft.newcomer()).claim("name", "Cher").mint());
    }

    @Test
    void optionalClaimsWinOverTheWholeName() {
        JsonNode account = account(common.accepts(microsoft
                .idTokenWithOptionalClaims(microsoft.newcomer().withNames("Erika", "Mustermann"))
                .claim("name", "Dr. Erika Mustermann (IT)")
                .mint()));

        assertThat(account.path("firstName").asText()).isEqualTo("Erika");
        assertThat(account.path("lastName").asText()).isEqualTo("Mustermann");
    }

    private static JsonNode account(Answer answer) {
        return realm.admin().get(realm.name() + "/users/" + Conversions.user(answer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "not-a-uuid", "00000000-0000-0000-0ABC-DEF012345678", "AAAABBBB-0000-cccc-1111-dddd2222eeee"
            })
    void objectIdOfAnotherFormIsNotTaken(String oid) {
        common.refuses(microsoft.idToken(microsoft.newcomer()).claim("oid", oid).mint(), ReasonCode.SUBJECT_MISSING);
    }

    /** Whether Graph drops the zero in front nobody says. */
    @ParameterizedTest
    @ValueSource(strings = {"00000000-0000-0000-0123-456789abcdef", "12345678-0000-0000-1123-456789abcdef"})
    void personalObjectIdThatCanNotBeMappedIsNotTaken(String oid) {
        common.refuses(
                microsoft
                        .idToken(microsoft.personalNewcomer())
                        .claim("oid", oid)
                        .mint(),
                ReasonCode.SUBJECT_MISSING);
    }

    @Test
    void accessTokenOfOurOtherApplicationIsOurs() {
        Conversions two = Conversions.add(
                realm, "two", microsoft, Map.of(), Map.of("acceptedAudiences", microsoft.anotherClientId()));

        two.accepts(microsoft
                .accessToken(microsoft.newcomer())
                .issuedTo(microsoft.anotherClientId())
                .mint());
    }

    /** Only Graph can tell a forgery, and it knows the whole text. */
    @Test
    void changedAccessTokenIsUnknownToGraph() {
        String anothers = microsoft
                .accessToken(microsoft.newcomer())
                .issuedTo(microsoft.anotherClientId())
                .mint();

        common.refuses(Jwts.withClaim(anothers, "appid", microsoft.clientId()), ReasonCode.TOKEN_INACTIVE);
    }

    static Stream<Arguments> accessTokens() {
        return Stream.of(
                accessToken(token -> token.without("appid"), ReasonCode.AUDIENCE_MISMATCH),
                accessToken(token -> token.without("oid"), ReasonCode.SUBJECT_MISMATCH),
                accessToken(
                        token -> token.claim("oid", "cccccccc-0000-cccc-1111-dddd2222eeee"),
                        ReasonCode.SUBJECT_MISMATCH),
                accessToken(token -> token.without("tid"), ReasonCode.ISSUER_MISMATCH),
                accessToken(token -> token.noExpiry(), ReasonCode.EXPIRY_MISSING),
                accessToken(token -> token.claim("idtyp", "app"), ReasonCode.NOT_A_PERSON),
                accessToken(token -> token.claim("cnf", Map.of("kid", "pop")), ReasonCode.TOKEN_SENDER_CONSTRAINED));
    }

    @ParameterizedTest
    @MethodSource("accessTokens")
    void accessTokenMustSayWhoseItIs(UnaryOperator<JwtBuilder> change, ReasonCode reason) {
        common.refuses(microsoft.graphToken(microsoft.newcomer(), change), reason);
    }

    /** Whoever is an application of the tenant gets a token for our client id as its audience; {@code azp} tells. */
    @Test
    void tokenThatAnotherApplicationGotForUsIsRefused() {
        String another = microsoft
                .tokenOfApplication(microsoft.newcomer(), microsoft.anotherClientId())
                .mint();

        common.refuses(another, ReasonCode.AUDIENCE_MISMATCH);
    }

    /** By our own secret: there is no person behind it, whether the token says so or not. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tokenOfOurOwnApplicationIsNoPersons(boolean saysSo) {
        JwtBuilder token = microsoft.tokenOfApplication(microsoft.newcomer(), microsoft.clientId());

        common.refuses(
                (saysSo ? token.claim("idtyp", "app").claim("sub", "pairwise") : token).mint(),
                ReasonCode.NOT_A_PERSON);
    }

    @Test
    void accessTokenOfAnotherTenantIsRefused() {
        new Conversions(realm, "fixed")
                .refuses(
                        microsoft.graphToken(microsoft.newcomer(), token -> token.claim("tid", ANOTHER_TENANT)),
                        ReasonCode.ISSUER_MISMATCH);
    }

    @Test
    void personalAccountsAccessTokenIsUnbound() {
        String token = microsoft.accessToken(microsoft.personalNewcomer()).mint();
        common.refuses(token, ReasonCode.TOKEN_UNBOUND);

        Conversions unbound =
                Conversions.add(realm, "unbound", microsoft, Map.of(), Map.of("acceptUnboundTokens", "true"));
        unbound.accepts(token);

        Conversions fixed = Conversions.add(
                realm,
                "unboundfixed",
                microsoft,
                Map.of("tenantId", Microsoft.TENANT),
                Map.of("acceptUnboundTokens", "true"));
        fixed.refuses(token, ReasonCode.ISSUER_MISMATCH);
    }

    private static Arguments accessToken(UnaryOperator<JwtBuilder> change, ReasonCode reason) {
        return Arguments.of(change, reason);
    }
}
