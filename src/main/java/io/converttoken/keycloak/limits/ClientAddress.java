// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The address of one subscriber: an IPv4 address, or the first 64 bits of an IPv6 address, because a subscriber chooses
 * the other 64 bits freely.
 */
final class ClientAddress {

    private static final int NETWORK_BYTES = 8;

    private ClientAddress() {}

    static String of(@Nullable String address) {
        if (address == null) {
            return "";
        }
        return address.indexOf(':') < 0 ? address : network(address);
    }

    /**
     * Returns the first 64 bits of an IPv6 address, which is in brackets if a proxy forwards it in the form of RFC 7239
     * (section 6).
     */
    private static String network(String literal) {
        String address = literal.replaceFirst("^\\[(.*)]$", "$1").replaceFirst("%.*$", "");
        if (address.indexOf(':') < 0) {
            return literal; // it must not be looked up as a name
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
