import {
  Backend,
  Configuration,
  type OAuthError,
  OAuthErrorFromJSON,
  ResponseError,
  SessionsApi,
  TokensApi,
} from "./index";

/** What an app does with the generated client. */
async function main(token: string): Promise<void> {
  const tokens = new TokensApi(new Configuration({ username: "demo-app", password: "demo-app-secret" }));
  const converted = await tokens.convertToken({ conversion: { backend: Backend.Social, token } });
  console.log(`converted: ${converted.user.email}`);

  const signedIn = new Configuration({ accessToken: converted.accessToken });
  await new SessionsApi(signedIn).invalidateSessions({
    invalidation: { clientId: "demo-app", exceptCurrent: true },
  });
  console.log("ended: all sessions but this one");

  const refreshed = await tokens.token({
    grant: { grantType: "refresh_token", refreshToken: converted.refreshToken },
  });
  console.log(`refreshed: ${refreshed.tokenType}`);

  try {
    await tokens.convertToken({ conversion: { backend: Backend.Social, token: "not a token" } });
  } catch (refusal) {
    if (!(refusal instanceof ResponseError)) {
      throw refusal;
    }
    const error: OAuthError = OAuthErrorFromJSON(await refusal.response.json());
    console.log(`refused: ${refusal.response.status} ${error.error}`);
  }
}

declare const process: { argv: string[] };

void main(process.argv[2] ?? "");
