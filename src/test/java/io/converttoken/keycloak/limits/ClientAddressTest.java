// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.limits;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "2001:db8:1:2:3:4:5:6, 20010db800010002",
        "2001:db8:1:2::1, 20010db800010002",
        "[2001:db8:1:2::1], 20010db800010002",
        "fe80::1%eth0, fe80000000000000",
        "[fe80::1%eth0], fe80000000000000",
        "::1, 0000000000000000",
        "not:an:address, not:an:address",
        "localhost%:, localhost%:",
        "[localhost%:], [localhost%:]",
        "host.example, host.example"
    })
    void ipv6IsTheNetworkOfASubscriber(String address, String client) {
        assertThat(ClientAddress.of(address)).isEqualTo(client);
    }

    @Test
    void unknownAddressIsOneClient() {
        assertThat(ClientAddress.of(null)).isEmpty();
    }
}
