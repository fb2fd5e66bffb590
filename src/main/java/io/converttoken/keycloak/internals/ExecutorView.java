// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.List;
import org.keycloak.services.clientpolicy.ClientPolicyContext;

/** Decides which requests the executors of the policies that apply see. */
@FunctionalInterface
public interface ExecutorView {

    /**
     * Returns the requests that an executor sees, in this order. If the list is empty, the executor is not called.
     *
     * @param executor the id of the executor's provider
     * @param shownToConditions the request that the conditions of the policy have seen
     */
    List<ClientPolicyContext> of(String executor, ClientPolicyContext shownToConditions);
}
