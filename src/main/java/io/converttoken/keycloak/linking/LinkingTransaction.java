// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.linking;

import io.converttoken.keycloak.internals.ModelCache;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionTaskWithResult;
import org.keycloak.models.utils.KeycloakModelUtils;

/** A transaction for the decision to which user an identity belongs. It ends before another request may decide. */
final class LinkingTransaction {

    private LinkingTransaction() {}

    static <T> T run(KeycloakSession session, KeycloakSessionTaskWithResult<T> task) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                own -> {
                    ModelCache.forgetImportedOnRollback(own);
                    return task.run(own);
                },
                "convert-token connection");
    }
}
