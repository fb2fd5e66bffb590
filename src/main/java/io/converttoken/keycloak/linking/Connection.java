// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.http.FormRequest;
import io.converttoken.keycloak.http.InvalidParameterException;
import io.converttoken.keycloak.http.Parameter;
import io.converttoken.keycloak.verification.CredentialParameters;
import io.converttoken.keycloak.verification.ExternalCredential;

/**
 * A request to connect an identity.
 *
 * @param backend the name of the backend
 * @param credential the external token, or the code
 */
public record Connection(String backend, ExternalCredential credential) {

    private static final int MAX_NAME_LENGTH = 255;

    /** @throws InvalidParameterException when a parameter is missing, is too long, or has a value that is not allowed */
    public static Connection from(FormRequest request) {
        return new Connection(
                Parameter.required(request, "backend", MAX_NAME_LENGTH),
                CredentialParameters.in(request.getDecodedFormParameters()));
    }
}
