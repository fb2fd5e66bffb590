// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.explain;

import io.converttoken.keycloak.reason.Check;
import io.converttoken.keycloak.reason.Checks;
import io.converttoken.keycloak.reason.Finding;
import io.converttoken.keycloak.reason.Reason;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Notes what became of each check. A check that is made more than once appears once, at its last place. */
final class ObservedChecks implements Checks.Observer {

    private final Map<Check, Noted> noted = new LinkedHashMap<>();
    private boolean hasFailed;

    private record Noted(String result, Optional<String> expected, Optional<String> found, Optional<Reason> reason) {}

    @Override
    public void passed(Check check, Finding finding) {
        note(check, new Noted("passed", finding.expectedText(), finding.foundText(), Optional.empty()));
    }

    @Override
    public void failed(Check check, Reason reason) {
        if (hasFailed) {
            // the check contains the one that failed
            notReached(check);
            return;
        }
        hasFailed = true;
        note(check, new Noted("failed", reason.expected(), reason.found(), Optional.of(reason)));
    }

    @Override
    public void notReached(Check check) {
        if (!noted.containsKey(check)) {
            note(check, new Noted("not_reached", Optional.empty(), Optional.empty(), Optional.empty()));
        }
    }

    private void note(Check check, Noted result) {
        noted.remove(check);
        noted.put(check, result);
    }

    /** Notes a refusal that no check has told of. */
    void refused(Reason reason) {
        if (!hasFailed) {
            failed(reason.code().check(), reason);
        }
    }

    /** Returns the results of the checks that were made. */
    List<CheckResult> made(Advice advice) {
        return noted.entrySet().stream()
                .map(entry -> result(entry.getKey(), entry.getValue(), advice))
                .toList();
    }

    /** Returns the results, and the checks that are made of every token as not reached if one failed before. */
    List<CheckResult> results(Advice advice) {
        if (hasFailed) {
            Set<Check> ofEveryToken = EnumSet.of(
                    Check.BACKEND, Check.CLIENT, Check.LIMIT, Check.PROVIDER, Check.FORMAT, Check.KIND, Check.ACCOUNT);
            ofEveryToken.forEach(this::notReached);
        }
        return made(advice);
    }

    private static CheckResult result(Check check, Noted noted, Advice advice) {
        return new CheckResult(
                check.code(),
                noted.result(),
                noted.expected().orElse(null),
                noted.found().orElse(null),
                noted.reason().map(reason -> reason.code().code()).orElse(null),
                noted.reason().map(advice::about).orElse(null),
                noted.reason().map(reason -> Advice.see(reason.code().code())).orElse(null));
    }
}
