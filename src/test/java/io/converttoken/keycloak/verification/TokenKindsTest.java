// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.converttoken.keycloak.reason.ReasonCode;
import io.converttoken.keycloak.verification.token.TokenClaims;
import io.converttoken.keycloak.verification.token.TokenKinds;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of what each mark of a token means. "us" and "our-app" are our client ids. */
class TokenKindsTest {

    private static final Set<String> OURS = Set.of("us", "our-app");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // says so by itself: RFC 9068, Keycloak, Amazon Cognito
                "at+jwt|{}|ACCESS_TOKEN",
                "application/at+JWT|{}|ACCESS_TOKEN",
                "at+jwt|{'nonce':'n','aud':'us'}|ACCESS_TOKEN",
                "JWT|{'typ':'ID'}|ID_TOKEN",
                "JWT|{'typ':'Bearer'}|ACCESS_TOKEN",
                "JWT|{'typ':'Bearer','nonce':'n','aud':'us'}|ACCESS_TOKEN",
                "|{'token_use':'id'}|ID_TOKEN",
                "|{'token_use':'access','client_id':'us'}|ACCESS_TOKEN",
                "|{'typ':'JWT','token_use':'access'}|ACCESS_TOKEN",
                // ForgeRock AM
                "|{'tokenName':'id_token','aud':'us','nonce':'n'}|ID_TOKEN",
                "|{'tokenName':'access_token','aud':'us','nonce':'n','scope':['openid']}|ACCESS_TOKEN",
                // a token of no mark, and one of a mark that only ID tokens have: Google, Apple, Facebook
                "|{'aud':'us'}|ID_TOKEN",
                "JWT|{'typ':'JWT','aud':'us'}|ID_TOKEN",
                "|{'aud':'us','nonce':'n','scope':'openid'}|ID_TOKEN",
                "|{'aud':'us','at_hash':'h','client_id':'us'}|ID_TOKEN",
                "|{'aud':'us','c_hash':'h','scp':['api.read']}|ID_TOKEN",
                // for an API, and so no ID token for us: Okta, Auth0, AD FS
                "|{'aud':'api://default','cid':'us','scp':['openid']}|ACCESS_TOKEN",
                "|{'aud':'https://api.example','client_id':'us','scope':'openid'}|ACCESS_TOKEN",
                "|{'scope':'openid'}|ACCESS_TOKEN",
                // of either kind, and taken for an ID token: Zitadel, Authelia, UAA, FusionAuth
                "|{'aud':'us','client_id':'us'}|ID_TOKEN or the other",
                "|{'aud':['us'],'cid':'us','scope':['openid','profile']}|ID_TOKEN or the other",
                "|{'aud':['us','our-app'],'scope':'openid  email phone address offline_access'}|ID_TOKEN or the other",
                "|{'aud':'us','scp':''}|ID_TOKEN or the other",
                // of either kind, and taken for an access token
                "|{'aud':'us','scope':'openid api.read'}|ACCESS_TOKEN or the other",
                "|{'aud':['us','https://api.example'],'client_id':'us'}|ACCESS_TOKEN or the other"
            })
    void kindIsWhatTheTokenSaysOfItself(@Nullable String mediaType, String claims, String expected) {
        TokenKinds kinds = kinds(mediaType, claims);

        assertThat(kinds.likely()).isEqualTo(TokenKind.valueOf(expected.split(" ", 2)[0]));
        assertThat(kinds.possible()).hasSize(expected.endsWith("or the other") ? 2 : 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "logout+jwt|{}|TOKEN_KIND_UNSUPPORTED",
                "dpop+jwt|{}|TOKEN_KIND_UNSUPPORTED",
                "secevent+jwt|{}|TOKEN_KIND_UNSUPPORTED",
                "|{'typ':'Logout'}|TOKEN_KIND_UNSUPPORTED",
                "|{'typ':'Refresh'}|TOKEN_KIND_UNSUPPORTED",
                "|{'typ':'Offline','nonce':'n'}|TOKEN_KIND_UNSUPPORTED",
                "|{'token_use':'refresh'}|TOKEN_KIND_UNSUPPORTED",
                "|{'tokenName':'refresh_token'}|TOKEN_KIND_UNSUPPORTED",
                "|{'typ':'ID','tokenName':'access_token'}|TOKEN_KIND_UNSUPPORTED",
                "|{'events':{}}|TOKEN_KIND_UNSUPPORTED",
                "at+jwt|{'typ':'ID'}|TOKEN_KIND_UNSUPPORTED",
                "|{'typ':'ID','token_use':'access'}|TOKEN_KIND_UNSUPPORTED",
                "JWT|{'typ':'DPoP'}|TOKEN_SENDER_CONSTRAINED",
                "|{'typ':1}|TOKEN_MALFORMED",
                "|{'aud':'us','scope':1}|TOKEN_MALFORMED",
                "|{'aud':'us','scp':['openid',1]}|TOKEN_MALFORMED"
            })
    void whatIsNeitherIdNorAccessTokenIsRefused(@Nullable String mediaType, String claims, ReasonCode refusal) {
        assertThatThrownBy(() -> kinds(mediaType, claims))
                .isInstanceOfSatisfying(
                        ExternalTokenRefusedException.class,
                        refused -> assertThat(refused.reason().code()).isEqualTo(refusal));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'aud':'us','client_id':'us'}|ID_TOKEN|true",
                "{'aud':'us','client_id':'us'}|ACCESS_TOKEN|true",
                "{'aud':'us','nonce':'n'}|ACCESS_TOKEN|false",
                "{'aud':'api','client_id':'us'}|ID_TOKEN|false"
            })
    void callerNarrowsAndContradictsNothing(String claims, TokenKind declared, boolean isPossible) {
        TokenKinds kinds = kinds(null, claims);

        if (isPossible) {
            assertThat(kinds.narrowedTo(Optional.of(declared))).isEqualTo(declared);
        } else {
            assertThatThrownBy(() -> kinds.narrowedTo(Optional.of(declared)))
                    .isInstanceOfSatisfying(
                            ExternalTokenRefusedException.class,
                            refused -> assertThat(refused.reason().code()).isEqualTo(ReasonCode.TOKEN_KIND_MISMATCH));
        }
        assertThat(Arrays.stream(TokenKind.values()).filter(kinds::include)).contains(kinds.likely());
    }

    private static TokenKinds kinds(@Nullable String mediaType, String claims) {
        try {
            return TokenKinds.of(
                    Optional.ofNullable(mediaType),
                    new TokenClaims(new ObjectMapper().readTree(claims.replace('\'', '"'))),
                    OURS);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
