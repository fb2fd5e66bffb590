// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What one subscriber has: an IPv4 address, or the 64 bits of an IPv6 address behind which they choose freely. */
final class ClientAddress {

    private static final int NETWORK_BYTES = 8;

    private ClientAddress() {}

    static String of(@Nullable String address) {
        if (address == null) {
            return "";
        }
        return address.indexOf(':') < 0 ? address : network(address);
    }

    /** An IPv6 address stands in brackets where a proxy forwards it in the form of RFC 7239 (section 6). */
    private static String network(String literal) {
        String address = literal.replaceFirst("^\\[(.*)]$", "$1").replaceFirst("%.*$", "");
        if (address.indexOf(':') < 0) {
            return literal; // or it would be looked up as a name
        }
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(parsed.getAddress(), 0, NETWORK_BYTES)
                    : parsed.getHostAddress();
        } catch (UnknownHostException e) {
            return literal;
        }
    }
}
