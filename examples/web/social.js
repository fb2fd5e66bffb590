// The sign-in at the provider: an authorization code flow with PKCE in a popup, by oidc-client-ts.
import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { PROVIDER } from "./config.js";

/** The library would otherwise keep the state of the flow and the tokens in the browser's storage. */
const inMemory = () => new WebStorageStateStore({ store: new InMemoryWebStorage() });

const provider = new UserManager({
  ...PROVIDER,
  redirect_uri: new URL("callback.html", import.meta.url).href,
  scope: "openid profile email",
  stateStore: inMemory(),
  userStore: inMemory(),
  automaticSilentRenew: false,
});

/**
 * Opens the provider's page and waits until the person has signed in. Call this from a click, because browsers block
 * other popups.
 *
 * @returns the provider's ID token, and the nonce that it must carry
 */
export async function signInAtProvider() {
  const nonce = crypto.randomUUID();
  const user = await provider.signinPopup({ nonce });
  await provider.removeUser();
  return { idToken: user.id_token, nonce };
}

/** Hands the provider's answer from the popup to the page that has opened it. */
export const finishInPopup = () => provider.signinPopupCallback();
