// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.brokering;

/** A trial would make an entry in a directory, which no rollback would remove. The trial ends here. */
final class DirectoryEntryNeededException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DirectoryEntryNeededException() {
        super("an account would be made");
    }
}
