// The addresses and the clients of this page. The address of Keycloak also stands in index.html, in the policy that says
// which addresses the page may call. The demo puts its own address in place of both.
const KEYCLOAK = "http://localhost:8000";

/** The realm whose tokens the page works with, and the page's client there. */
export const REALM = `${KEYCLOAK}/realms/demo`;
export const CLIENT_ID = "demo-web";

/** The alias of the identity provider in the realm. */
export const BACKEND = "social";

/** The provider itself: its issuer, and the page's client there. */
export const PROVIDER = {
  authority: `${KEYCLOAK}/realms/social`,
  client_id: "demo-company-web",
};
