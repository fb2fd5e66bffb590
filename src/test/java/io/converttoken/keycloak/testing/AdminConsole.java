// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.testing;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.options.AriaRole;
import java.net.URI;

/** The stock admin console of one realm, used by hand: what is clicked is found by what is written on it. */
public final class AdminConsole {

    private final String address;
    private final BrowserWindow window;

    private AdminConsole(String address, BrowserWindow window) {
        this.address = address;
        this.window = window;
    }

    /** Signs in to the realm's own console as {@link TestRealm#ALICE}, who must be an administrator of the realm. */
    public static AdminConsole signIn(TestRealm realm, BrowserWindow window) {
        return signIn(realm.keycloak(), realm.name(), TestRealm.ALICE.username(), TestRealm.ALICE.username(), window);
    }

    /** Signs in to the console of the realm {@code master} as the server's administrator. */
    public static AdminConsole signIn(KeycloakServer keycloak, BrowserWindow window) {
        return signIn(keycloak, "master", ServerOptions.ADMIN, ServerOptions.ADMIN, window);
    }

    private static AdminConsole signIn(
            KeycloakServer keycloak, String realm, String username, String password, BrowserWindow window) {
        return signIn(keycloak.base(), realm, username, password, window);
    }

    /** The same at an address that is not the one of the realm's calls. */
    public static AdminConsole signInAt(URI address, TestRealm realm, BrowserWindow window) {
        return signIn(address, realm.name(), TestRealm.ALICE.username(), TestRealm.ALICE.username(), window);
    }

    private static AdminConsole signIn(URI base, String realm, String username, String password, BrowserWindow window) {
        Page page = window.visit(URI.create(base + "/admin/" + realm + "/console/"));
        page.locator("#username").fill(username);
        page.locator("#password").fill(password);
        page.locator("#kc-login").click();
        assertThat(page.locator("#nav-toggle")).isVisible();
        return new AdminConsole(base + "/admin/" + realm + "/console/#/" + realm, window);
    }

    public BrowserWindow window() {
        return window;
    }

    public Page page() {
        return window.page();
    }

    // where to go

    /** Identity providers > ALIAS > Mappers, by clicking through the English console. */
    public void clickToMappers(String alias) {
        link("Identity providers").click();
        link(alias).click();
        page().getByRole(AriaRole.TAB, named("Mappers")).click();
    }

    /** The form for a new mapper, by its address. */
    public void openNewMapper(String alias) {
        page().navigate(address + "/identity-providers/oidc/" + alias + "/mappers/create");
        assertThat(mapperType()).isVisible();
    }

    /** The settings of an identity provider whose alias is its type, by its address. */
    public void openIdentityProvider(String type) {
        page().navigate(address + "/identity-providers/" + type + "/" + type + "/settings");
    }

    /** Server info > Provider info, by its address. */
    public void openProviderInfo() {
        page().navigate(address + "/providers");
    }

    // the form of a mapper

    public void chooseMapperType(String name) {
        mapperType().click();
        page().getByRole(AriaRole.OPTION, named(name)).click();
    }

    /** A field that is typed into, by its label. */
    public Locator text(String label) {
        return page().getByRole(AriaRole.TEXTBOX, named(label));
    }

    /** A switch, by its label. */
    public Locator toggle(String label) {
        return page().getByRole(AriaRole.CHECKBOX, named(label));
    }

    public void switchOn(String label) {
        // the checkbox lies under its picture
        toggle(label).check(new Locator.CheckOptions().setForce(true));
    }

    /** A list to choose from, by its label. */
    public Locator list(String label) {
        return button(label);
    }

    public void choose(String label, String option) {
        list(label).click();
        page().getByRole(AriaRole.OPTION, named(option)).click();
    }

    /** What the question mark beside a label says; the console names it by the label's message key. */
    public Locator help(String labelKey) {
        page().getByTestId("help-label-" + labelKey).click();
        return page().getByRole(AriaRole.DIALOG);
    }

    /** Saves, in whatever language. */
    public void save() {
        page().getByTestId("new-mapper-save-button").click();
    }

    /** Action > Delete, and confirms it, in the English console. */
    public void delete() {
        button("Action").click();
        page().getByRole(AriaRole.MENUITEM, named("Delete")).click();
        page().getByRole(AriaRole.DIALOG)
                .getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions().setName("Delete").setExact(true))
                .click();
    }

    /** What the console says about what was done last. */
    public Locator alert() {
        return page().getByTestId("last-alert");
    }

    public Locator button(String name) {
        return page().getByRole(AriaRole.BUTTON, named(name));
    }

    public Locator link(String name) {
        return page().getByRole(AriaRole.LINK, named(name));
    }

    private Locator mapperType() {
        return page().locator("#identityProviderMapper");
    }

    private static GetByRoleOptions named(String name) {
        return new GetByRoleOptions().setName(name).setExact(true);
    }
}
