// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The holder of a token of Google: a person or a service account. A service account of any Google Cloud project can get
 * ID tokens for any audience, an application's client id included
 * (<a href="https://cloud.google.com/docs/authentication/get-id-token">reference</a>). Such a token has the service
 * account's numeric id as {@code azp} and {@code sub}.
 *
 * @param authorizedParty {@code azp}, which may be empty, because Google may leave it out if it would only repeat
 *     {@code aud}
 * @param subject {@code sub}
 * @param email {@code email}, which may be empty
 */
public record GoogleAccount(String authorizedParty, String subject, String email) {

    /** Google's console gives every application a client id of this form. */
    private static final Pattern CLIENT_ID = Pattern.compile("[0-9a-z-]+\\.apps\\.googleusercontent\\.com");

    /** Service accounts of all projects, and of Google's own services, have their addresses under this domain. */
    private static final Pattern ADDRESS_OF_SERVICE_ACCOUNT = Pattern.compile(".*[@.]gserviceaccount\\.com\\.?");

    /** Reads the claims of an ID token or the answer of tokeninfo or userinfo, which all have the same names. */
    public static GoogleAccount of(JsonNode claims) {
        return new GoogleAccount(
                claims.path("azp").asText(),
                claims.path("sub").asText(),
                claims.path("email").asText());
    }

    /**
     * Returns whether a person signed in to an application. A token without {@code azp} counts as issued to an
     * application.
     */
    public boolean isPerson(Set<String> ourClientIds) {
        return isApplication(ourClientIds) && !authorizedParty.equals(subject) && !hasAddressOfServiceAccount();
    }

    private boolean isApplication(Set<String> ourClientIds) {
        return authorizedParty.isEmpty()
                || ourClientIds.contains(authorizedParty)
                || CLIENT_ID.matcher(authorizedParty).matches();
    }

    private boolean hasAddressOfServiceAccount() {
        String address = email.strip().toLowerCase(Locale.ROOT);
        return ADDRESS_OF_SERVICE_ACCOUNT.matcher(address).matches();
    }
}
