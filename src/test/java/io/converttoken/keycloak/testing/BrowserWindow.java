// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.deque.html.axecore.args.AxeRuleOptions;
import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Node;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page in a window of its own, and what happened in it since it was opened. */
public final class BrowserWindow implements AutoCloseable {

    private static final Set<String> SERIOUS = Set.of("serious", "critical");

    /** Rules that axe-core leaves out unless they are asked for. */
    private static final List<String> MORE_RULES = List.of("label-content-name-mismatch");

    private final BrowserContext context;
    private final Page page;
    private final List<String> consoleErrors = new ArrayList<>();
    private final List<URI> requests = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    BrowserWindow(BrowserContext context, int timeoutMillis) {
        this.context = context;
        context.setDefaultTimeout(timeoutMillis);
        PlaywrightAssertions.setDefaultAssertionTimeout(timeoutMillis);
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                consoleErrors.add(message.text());
            }
        });
        page.onPageError(consoleErrors::add);
        page.onRequest(request -> requests.add(URI.create(request.url())));
        page.onRequestFailed(request -> failures.add(nameOf(request) + " " + request.failure()));
        page.onResponse(this::recordFailure);
    }

    public Page page() {
        return page;
    }

    /** Goes to an address and waits until it has loaded. */
    public Page visit(URI address) {
        page.navigate(address.toString());
        return page;
    }

    /** What the page wrote to the console as an error, and what its scripts threw. */
    public List<String> consoleErrors() {
        return List.copyOf(consoleErrors);
    }

    /** Every address that was asked for, over the network or of the page itself ({@code data:}, {@code blob:}). */
    public List<URI> requests() {
        return List.copyOf(requests);
    }

    /** Requests that were answered by an error, or not at all. */
    public List<String> failedRequests() {
        return List.copyOf(failures);
    }

    /** The whole page, into {@code target/screenshots/NAME.png}. */
    public Path screenshot(String name) {
        Path file = KeycloakServer.directory().resolve("screenshots").resolve(name + ".png");
        page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
        return file;
    }

    /**
     * What axe-core finds to be serious or critical, by the rules that are on by default. This is for pages that are not ours.
     *
     * @param selectors the parts of the page to look at; none for all of it
     */
    public List<Violation> seriousViolations(String... selectors) {
        return brokenRules(new AxeBuilder(page), selectors)
                .filter(rule -> SERIOUS.contains(rule.getImpact()))
                .flatMap(BrowserWindow::violations)
                .toList();
    }

    /** What axe-core finds in the page, minor or serious, also by {@link #MORE_RULES}. */
    public List<Violation> violations() {
        return brokenRules(new AxeBuilder(page).options(withMoreRules()))
                .flatMap(BrowserWindow::violations)
                .toList();
    }

    private static Stream<Rule> brokenRules(AxeBuilder axe, String... selectors) {
        for (String selector : selectors) {
            axe.include(List.of(selector));
        }
        return axe.analyze().getViolations().stream();
    }

    private static AxeRunOptions withMoreRules() {
        AxeRuleOptions on = new AxeRuleOptions();
        on.setEnabled(true);
        AxeRunOptions options = new AxeRunOptions();
        options.setRules(MORE_RULES.stream().collect(Collectors.toMap(Function.identity(), rule -> on)));
        return options;
    }

    /**
     * One element that breaks one rule.
     *
     * @param rule axe-core's id of it, such as {@code color-contrast}
     * @param target selectors that lead to the element
     * @param help what to do about it
     */
    public record Violation(String rule, String target, String help) {}

    private static Stream<Violation> violations(Rule rule) {
        return rule.getNodes().stream()
                .map(Node::getTarget)
                .map(target -> new Violation(rule.getId(), String.valueOf(target), rule.getHelp()));
    }

    private void recordFailure(Response response) {
        if (response.status() >= 400) {
            failures.add(nameOf(response.request()) + " " + response.status());
        }
    }

    /** Without the query, which may hold a code or a token. */
    private static String nameOf(Request request) {
        return request.method() + " " + QUERY.matcher(request.url()).replaceFirst("");
    }

    private static final Pattern QUERY = Pattern.compile("[?#].*$");

    @Override
    public void close() {
        context.close();
    }
}
