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

    /** With a colon in it, it is never looked up as a name. */
    private static String network(String literal) {
        int scope = literal.indexOf('%');
        try {
            InetAddress parsed = InetAddress.getByName(scope < 0 ? literal : literal.substring(0, scope));
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(parsed.getAddress(), 0, NETWORK_BYTES)
                    : parsed.getHostAddress();
        } catch (UnknownHostException e) {
            return literal;
        }
    }
}
