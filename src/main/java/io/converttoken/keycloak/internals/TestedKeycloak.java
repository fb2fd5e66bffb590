// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The minor version of Keycloak that the tests run on. */
final class TestedKeycloak {

    private static final int MAJOR_NUMBER = 26;
    private static final int MINOR_NUMBER = 7;

    static final String MINOR = MAJOR_NUMBER + "." + MINOR_NUMBER;

    private static final Pattern VERSION = Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,9}))?.*");

    private TestedKeycloak() {}

    /** Returns whether a version is later than the tested minor. A version that cannot be read counts as later. */
    static boolean isOlderThan(String version) {
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches()) {
            return true;
        }
        int major = Integer.parseInt(parts.group(1));
        int minor = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        return major > MAJOR_NUMBER || (major == MAJOR_NUMBER && minor > MINOR_NUMBER);
    }
}
