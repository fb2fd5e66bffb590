// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.List;
import org.keycloak.services.clientpolicy.ClientPolicyContext;

/** What the executors of the policies that apply are shown of a request. */
@FunctionalInterface
public interface ExecutorView {

    /**
     * Returns the requests that an executor is shown, in this order. It is not called where the list is empty.
     *
     * @param executor the id of the executor's provider
     * @param shownToConditions the request that the conditions of the policy have seen
     */
    List<ClientPolicyContext> of(String executor, ClientPolicyContext shownToConditions);
}
