"""Sign-in at the provider, conversion, refresh, and both invalidations, by requests against the demo."""

import os

import requests

KEYCLOAK_URL = os.environ.get("KEYCLOAK_URL", "http://localhost:8000")
PROVIDER = f"{KEYCLOAK_URL}/realms/social/protocol/openid-connect"
REALM = f"{KEYCLOAK_URL}/realms/demo"
CLIENT = ("demo-app", "demo-app-secret")
TIMEOUT = 30


def provider_token() -> str:
    """An ID token of the provider. An app gets it from the provider's SDK."""
    answer = requests.post(
        f"{PROVIDER}/token",
        auth=("demo-company", "demo-company-secret"),
        data={"grant_type": "password", "username": "bob", "password": "bob", "scope": "openid"},
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    return answer.json()["id_token"]


def convert() -> dict:
    answer = requests.post(
        f"{REALM}/auth/convert-token",
        auth=CLIENT,
        data={
            "grant_type": "convert_token",
            "backend": "social",
            "token": provider_token(),
            "scope": "openid",
        },
        timeout=TIMEOUT,
    )
    if answer.status_code == 503:
        raise SystemExit(f"The provider is down, again in {answer.headers['Retry-After']} s")
    if not answer.ok:
        raise SystemExit(f"{answer.json()['error']}: {answer.json()['error_description']}")
    return answer.json()


def refresh(tokens: dict) -> requests.Response:
    return requests.post(
        f"{REALM}/auth/token",
        auth=CLIENT,
        data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        timeout=TIMEOUT,
    )


def userinfo(tokens: dict) -> requests.Response:
    return requests.get(
        f"{REALM}/protocol/openid-connect/userinfo",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=TIMEOUT,
    )


def invalidate(what: str, tokens: dict) -> requests.Response:
    return requests.post(
        f"{REALM}/auth/invalidate-{what}",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        data={"client_id": CLIENT[0]},
        timeout=TIMEOUT,
    )


def expect(what: str, status: int, answer: requests.Response) -> requests.Response:
    if answer.status_code != status:
        raise SystemExit(f"{what}: expected {status}, got {answer.status_code}")
    print(f"{what}: {status}")
    return answer


def main() -> None:
    tokens = convert()
    print("converted:", tokens["user"])

    tokens = expect("refreshed", 200, refresh(tokens)).json()
    expect("userinfo answers", 200, userinfo(tokens))

    expect("invalidate-refresh-tokens", 204, invalidate("refresh-tokens", tokens))
    expect("the refresh token is refused", 400, refresh(tokens))
    expect("the access token goes on", 200, userinfo(tokens))

    tokens = convert()
    expect("converted again, invalidate-sessions", 204, invalidate("sessions", tokens))
    expect("the access token is refused", 401, userinfo(tokens))


if __name__ == "__main__":
    main()
