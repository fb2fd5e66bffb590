// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.verification.token;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who holds a token of Google's. A service account of any project of Google Cloud gets ID tokens for whatever audience it
 * names, an application's client id among them
 * (<a href="https://cloud.google.com/docs/authentication/get-id-token">reference</a>), with its own numeric id as {@code azp}
 * and {@code sub}.
 *
 * @param authorizedParty {@code azp}, may be empty: Google may leave it out where it would only repeat {@code aud}
 * @param subject {@code sub}
 * @param email may be empty
 */
public record GoogleAccount(String authorizedParty, String subject, String email) {

    /** Google's console gives every application a client id of this form. */
    private static final Pattern CLIENT_ID = Pattern.compile("[0-9a-z-]+\\.apps\\.googleusercontent\\.com");

    /** Service accounts of all projects, and of Google's own services, have their addresses under this domain. */
    private static final Pattern ADDRESS_OF_SERVICE_ACCOUNT = Pattern.compile(".*[@.]gserviceaccount\\.com\\.?");

    /** The claims of an ID token, the answer of tokeninfo and that of userinfo have the same names. */
    public static GoogleAccount of(JsonNode claims) {
        return new GoogleAccount(
                claims.path("azp").asText(),
                claims.path("sub").asText(),
                claims.path("email").asText());
    }

    /** Whether a person signed in, to one of our client ids or to another one of the same project. */
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
