// Sign-in at the provider, conversion, refresh, and both invalidations, by openid-client against the demo.
import * as client from 'openid-client';

const keycloakUrl = process.env.KEYCLOAK_URL ?? 'http://localhost:8000';
// The demo speaks plain HTTP. Leave this out everywhere else.
const options = { execute: [client.allowInsecureRequests] };

const provider = await client.discovery(
  new URL(`${keycloakUrl}/realms/social`), 'demo-company', 'demo-company-secret', undefined, options);
const realm = await client.discovery(
  new URL(`${keycloakUrl}/realms/demo`), 'demo-app', 'demo-app-secret', undefined, options);

/** An ID token of the provider. An app gets it from the provider's SDK. */
async function providerToken() {
  const tokens = await client.genericGrantRequest(
    provider, 'password', { username: 'bob', password: 'bob', scope: 'openid' });
  return tokens.id_token;
}

/** The grant at the realm's own token endpoint: any OAuth library that knows extension grants can do it. */
async function convert() {
  return client.genericGrantRequest(
    realm, 'convert_token', { backend: 'social', token: await providerToken(), scope: 'openid' });
}

async function invalidate(what, tokens) {
  const url = new URL(`${keycloakUrl}/realms/demo/auth/invalidate-${what}`);
  const body = new URLSearchParams({ client_id: 'demo-app' });
  const answer = await client.fetchProtectedResource(realm, tokens.access_token, url, 'POST', body);
  expect(`invalidate-${what}`, 204, answer.status);
}

/** The OAuth error code of a call that must fail. */
async function refused(call) {
  try {
    await call;
  } catch (e) {
    if (e instanceof client.ResponseBodyError) return e.error;
    if (e instanceof client.WWWAuthenticateChallengeError) return e.cause[0].parameters.error;
    throw e;
  }
  return 'none';
}

function expect(what, expected, actual) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
  console.log(`${what}: ${actual}`);
}

let tokens = await convert();
console.log('converted:', tokens.user);
const sub = tokens.claims().sub;

tokens = await client.refreshTokenGrant(realm, tokens.refresh_token);
const profile = await client.fetchUserInfo(realm, tokens.access_token, sub);
expect('refreshed, userinfo answers for', 'bob@example.com', profile.email);

await invalidate('refresh-tokens', tokens);
expect('the refresh token is refused', 'invalid_grant',
  await refused(client.refreshTokenGrant(realm, tokens.refresh_token)));
expect('the access token goes on for', sub, (await client.fetchUserInfo(realm, tokens.access_token, sub)).sub);

tokens = await convert();
await invalidate('sessions', tokens);
expect('the access token is refused', 'invalid_token',
  await refused(client.fetchUserInfo(realm, tokens.access_token, sub)));
