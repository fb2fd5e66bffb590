package io.converttoken.keycloak.brokering;

import io.converttoken.keycloak.verification.VerifiedIdentity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.keycloak.crypto.JavaAlgorithm;
import org.keycloak.jose.jws.crypto.HashUtils;

/**
 * The id of the account that a first conversion creates: the same for the same identity, so that of two conversions at
 * once, on whichever nodes, the database lets only one create it. Nothing else would: one identity may be linked to
 * several users (Keycloak 26.7.3: the key of {@code FEDERATED_IDENTITY} is provider and user), and user name and e-mail
 * address need not be the same in two tokens of one person.
 */
final class AccountId {

    private AccountId() {}

    /** @param former how many accounts it has left that it is no longer linked to */
    static String of(VerifiedIdentity identity, int former) {
        String name = identity.backend().identityProvider().getInternalId() + ":" + former + ":" + identity.subject();
        byte[] digest = HashUtils.hash(JavaAlgorithm.SHA256, name.getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        return new UUID(version8(bytes.getLong()), variant(bytes.getLong())).toString();
    }

    /** RFC 9562, section 5.8: a UUID of our own making. */
    private static long version8(long bits) {
        return (bits & 0xffff_ffff_ffff_0fffL) | 0x0000_0000_0000_8000L;
    }

    private static long variant(long bits) {
        return (bits & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    }
}
