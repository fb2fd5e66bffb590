// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.http;

import org.keycloak.common.util.SecretGenerator;

/** Random codes for people, without the letters that are mistaken for digits when somebody reads them out. */
public final class SpokenCode {

    private static final char[] LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

    private SpokenCode() {}

    public static String drawn(int length) {
        return SecretGenerator.getInstance().randomString(length, LETTERS);
    }
}
