// The person's session in the realm: its tokens, and the calls that are made with them.
import { BACKEND, CLIENT_ID, REALM } from "./config.js";

const CONVERT = "/auth/convert-token";
const TOKEN = "/auth/token";
const REVOKE = "/auth/revoke-token";
const SESSIONS = "/auth/sessions";
const INVALIDATE = "/auth/invalidate-sessions";
const USER_INFO = "/protocol/openid-connect/userinfo";

/** An access token that expires within this time is refreshed first. */
const MARGIN_SECONDS = 10;

/** The realm did not answer, or the browser keeps its answer from this page. */
export class Unanswered extends Error {}

/** The realm refused a call. */
export class Refusal extends Error {
  constructor(error, description) {
    super(description);
    this.error = error;
  }
}

/** Tells a listener about each call: `{ method, path, status }`, without a status where there was no answer. */
export const calls = new EventTarget();

// In memory only: a reload of the page forgets them, and no other script can read them from the browser's storage.
let tokens = null;
let refreshing = null;

export const isSignedIn = () => tokens !== null;

/**
 * Trades the provider's ID token for tokens of the realm.
 *
 * @returns whether this has created the account
 */
export async function convert({ idToken, nonce }) {
  const answer = await post(CONVERT, {
    client_id: CLIENT_ID,
    backend: BACKEND,
    token: idToken,
    token_type: "id_token",
    nonce,
    scope: "openid",
  });
  keep(answer);
  return answer.is_new_user;
}

export const userInfo = () => withToken((authorization) => call("GET", USER_INFO, authorization));

/** The person's sessions in this application. */
export async function sessions() {
  const path = `${SESSIONS}?${new URLSearchParams({ client_id: CLIENT_ID })}`;
  return (await withToken((authorization) => call("GET", path, authorization))).sessions;
}

/** Revokes the refresh token, which ends this session. */
export async function signOut() {
  await post(REVOKE, { client_id: CLIENT_ID, token: tokens.refresh_token });
  tokens = null;
}

/** Ends all of the person's sessions in this application. */
export async function signOutEverywhere() {
  await invalidate({});
  tokens = null;
}

/** Ends all of them but this one. */
export const signOutOthers = () => invalidate({ except_current: true });

/** Ends one of them. */
export const signOutDevice = (id) => invalidate({ session_id: id });

const invalidate = (which) =>
  withToken((authorization) => post(INVALIDATE, { client_id: CLIENT_ID, ...which }, authorization));

/** Makes a call with an access token that is valid for a while. */
async function withToken(send) {
  if (performance.now() > tokens.refreshAt) {
    refreshing ??= refresh().finally(() => (refreshing = null));
    await refreshing;
  }
  try {
    return await send({ Authorization: `Bearer ${tokens.access_token}` });
  } catch (refusal) {
    forgetTokensIf(refusal.error === "invalid_token");
    throw refusal;
  }
}

async function refresh() {
  try {
    keep(
      await post(TOKEN, {
        client_id: CLIENT_ID,
        grant_type: "refresh_token",
        refresh_token: tokens.refresh_token,
      }),
    );
  } catch (refusal) {
    forgetTokensIf(refusal.error === "invalid_grant");
    throw refusal;
  }
}

/** The session has ended, for example from another device. */
function forgetTokensIf(sessionHasEnded) {
  if (sessionHasEnded) {
    tokens = null;
  }
}

function keep(answer) {
  tokens = {
    access_token: answer.access_token,
    refresh_token: answer.refresh_token,
    refreshAt: performance.now() + (answer.expires_in - MARGIN_SECONDS) * 1000,
  };
}

const post = (path, parameters, headers = {}) => call("POST", path, headers, new URLSearchParams(parameters));

async function call(method, path, headers, body) {
  const response = await fetch(REALM + path, { method, headers, body }).catch(() => {
    tell(method, path);
    throw new Unanswered();
  });
  tell(method, path, response.status);
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? JSON.parse(text) : {};
  if (!response.ok) {
    throw new Refusal(answer.error ?? `status ${response.status}`, answer.error_description ?? "");
  }
  return answer;
}

function tell(method, path, status) {
  calls.dispatchEvent(new CustomEvent("call", { detail: { method, path, status } }));
}
