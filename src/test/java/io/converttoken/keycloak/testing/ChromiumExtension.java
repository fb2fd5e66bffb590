// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class the run's one {@link Chromium} as a parameter, and skips the class with a printed reason where the
 * machine has none. Named before {@link KeycloakExtension}, so that no server starts for a skipped class.
 */
public final class ChromiumExtension implements ExecutionCondition, ParameterResolver, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(ChromiumExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<Path> executable = Chromium.executable();
        if (executable.isPresent()) {
            return ConditionEvaluationResult.enabled("browser: " + executable.get());
        }
        String reason = "no browser here: install Debian's chromium, or name one by the environment variable "
                + Chromium.VARIABLE + " or -D" + Chromium.PROPERTY;
        System.out.println("SKIPPED: " + context.getDisplayName() + ", because there is " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Chromium.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        Chromium.class,
                        key -> Chromium.start(Chromium.executable().orElseThrow()),
                        Chromium.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Chromium chromium = context.getRoot().getStore(NAMESPACE).get(Chromium.class, Chromium.class);
        if (chromium == null) {
            return;
        }
        if (context.getExecutionException().isPresent()) {
            chromium.closeWindowsOfFailed(context.getRequiredTestClass().getSimpleName() + "."
                    + context.getRequiredTestMethod().getName());
        } else {
            chromium.closeWindows();
        }
    }
}
