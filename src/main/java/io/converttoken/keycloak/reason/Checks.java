// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.reason;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes the checks of a call, and tells an observer of each. What decides about a call is thereby also what explains
 * the decision. Nobody observes a call but an explanation, and then nothing is made into a text.
 */
public final class Checks {

    /** The checks of a call that nobody observes. */
    public static final Checks UNOBSERVED = new Checks(new Observer() {});

    private final Observer observer;

    public Checks(Observer observer) {
        this.observer = observer;
    }

    /** Is told what becomes of each check. */
    public interface Observer {

        default void passed(Check check, Finding finding) {
            // nobody wants to know
        }

        /** Is called once for each check that contains the one that failed, beginning with that one. */
        default void failed(Check check, Reason reason) {
            // nobody wants to know
        }

        default void notReached(Check check) {
            // nobody wants to know
        }
    }

    /**
     * A check that has not been made yet.
     *
     * @param action makes the check, and returns what it found; throws a {@link RefusedException} if the check fails
     */
    public record Step(Check check, Supplier<Finding> action) {}

    public static Step step(Check check, Supplier<Finding> action) {
        return new Step(check, action);
    }

    /** Makes checks one after the other. The first that fails ends the call. */
    public void inOrder(Step... steps) {
        for (int i = 0; i < steps.length; i++) {
            try {
                observer.passed(steps[i].check(), steps[i].action().get());
            } catch (RefusedException e) {
                observer.failed(steps[i].check(), e.reason());
                Arrays.stream(steps).skip(i + 1L).map(Step::check).forEach(observer::notReached);
                throw e;
            }
        }
    }

    /** Makes one check that has a result. */
    public <T> T make(Check check, Supplier<T> action) {
        return make(check, action, result -> Finding.nothing());
    }

    /** Makes one check that has a result, about which something can be said. */
    public <T> T make(Check check, Supplier<T> action, Function<T, Finding> finding) {
        try {
            T result = action.get();
            observer.passed(check, finding.apply(result));
            return result;
        } catch (RefusedException e) {
            observer.failed(check, e.reason());
            throw e;
        }
    }
}
