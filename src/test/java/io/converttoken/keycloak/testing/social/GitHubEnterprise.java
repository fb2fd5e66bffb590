// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing.social;

import java.util.Map;

/** A company's own GitHub Enterprise Server, whose API has a base path of its own. */
public final class GitHubEnterprise extends GitHub {

    private static final String BASE_URL = "https://github.company.example";
    private static final String API_URL = BASE_URL + "/api/v3";

    GitHubEnterprise(SocialHosts hosts) {
        super(hosts, "Iv1.enterprise", BASE_URL, API_URL);
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = super.settings();
        settings.put("baseUrl", BASE_URL);
        settings.put("apiUrl", API_URL);
        return settings;
    }
}
