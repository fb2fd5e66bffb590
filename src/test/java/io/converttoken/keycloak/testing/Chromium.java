// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machine's own Chromium, headless, driven by Playwright; nothing is downloaded. Windows share no cookies. What is
 * left open is closed after each test, with a screenshot where it failed.
 */
public final class Chromium implements AutoCloseable {

    /** System property and environment variable that name another executable than the usual ones. */
    static final String PROPERTY = "chromium.executable";

    static final String VARIABLE = "CHROMIUM";

    private static final List<String> USUAL_PLACES =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    /** Without a sandbox it runs as root and in containers; the rest keeps it from speaking to its vendor. */
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private static final int TIMEOUT_MILLIS = 60_000;

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser browser;
    private final List<BrowserWindow> open = new ArrayList<>();

    private Chromium(Playwright playwright, com.microsoft.playwright.Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** The one that is named, and no other then; else where the machine usually has one. */
    static Optional<Path> executable() {
        String named = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
        return (named.isBlank() ? USUAL_PLACES : List.of(named))
                .stream().map(Path::of).filter(Files::isExecutable).findFirst();
    }

    static Chromium start(Path executable) {
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        LaunchOptions options = new LaunchOptions()
                .setExecutablePath(executable)
                .setHeadless(true)
                .setArgs(ARGUMENTS);
        return new Chromium(playwright, playwright.chromium().launch(options));
    }

    /** A window in the making: desktop size, light, English. */
    public WindowBuilder window() {
        return new WindowBuilder();
    }

    /** Settings of one window. */
    public final class WindowBuilder {

        private final NewContextOptions options = new NewContextOptions()
                .setViewportSize(1280, 900)
                .setColorScheme(ColorScheme.LIGHT)
                .setLocale("en")
                .setPermissions(List.of("clipboard-read", "clipboard-write"));

        private WindowBuilder() {}

        public WindowBuilder dark() {
            options.setColorScheme(ColorScheme.DARK);
            return this;
        }

        public WindowBuilder phone() {
            options.setViewportSize(375, 812).setIsMobile(true).setHasTouch(true);
            return this;
        }

        public WindowBuilder size(int width, int height) {
            options.setViewportSize(width, height);
            return this;
        }

        /** The language the browser asks for, such as {@code pt-BR}. */
        public WindowBuilder locale(String tag) {
            options.setLocale(tag);
            return this;
        }

        /** Finds every host by this proxy, and takes whatever certificate the host shows. */
        public WindowBuilder through(URI proxy) {
            options.setProxy(new Proxy(proxy.toString())).setIgnoreHTTPSErrors(true);
            return this;
        }

        public BrowserWindow open() {
            BrowserWindow window = new BrowserWindow(browser.newContext(options), TIMEOUT_MILLIS);
            open.add(window);
            return window;
        }
    }

    /** Closes all windows. */
    void closeWindows() {
        open.forEach(BrowserWindow::close);
        open.clear();
    }

    /** Closes all windows, after a screenshot of each. */
    void closeWindowsOfFailed(String test) {
        for (int i = 0; i < open.size(); i++) {
            open.get(i).screenshot("failed-" + test + "-" + i);
        }
        closeWindows();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
