"""Copies the links of one identity provider to another of the same realm. Needs nothing but Python; can be run again at any time.

    python3 examples/apple/copy_links.py apple apple-native

The realm's address, and an administrator who may manage its users, come from the environment:
KEYCLOAK_URL, REALM, ADMIN_USER, ADMIN_PASSWORD (of realm master), or ADMIN_TOKEN instead of the last two.
"""

import argparse
import collections
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

KEYCLOAK_URL = os.environ.get("KEYCLOAK_URL", "http://localhost:8000")
REALM = os.environ.get("REALM", "demo")
OK, NO_CONTENT, UNAUTHORIZED = 200, 204, 401
PAGE = 100


class Admin:
    def __init__(self) -> None:
        self.token = os.environ.get("ADMIN_TOKEN") or self.sign_in()

    @staticmethod
    def sign_in() -> str:
        form = {
            "client_id": "admin-cli",
            "grant_type": "password",
            "username": os.environ["ADMIN_USER"],
            "password": os.environ["ADMIN_PASSWORD"],
        }
        url = f"{KEYCLOAK_URL}/realms/master/protocol/openid-connect/token"
        with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=30) as answer:
            return json.load(answer)["access_token"]

    def get(self, path: str, **query: object) -> list[dict]:
        status, answer = self.call("GET", f"{path}?{urllib.parse.urlencode(query)}")
        if status != OK:
            raise SystemExit(f"{path}: {status} {answer.decode()}")
        return json.loads(answer)

    def call(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Status and body. Tokens of realm master live for a minute: signs in again once where it can."""
        status, answer = self.send(method, path, body)
        if status == UNAUTHORIZED and "ADMIN_PASSWORD" in os.environ:
            self.token = self.sign_in()
            status, answer = self.send(method, path, body)
        return status, answer

    def send(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        request = urllib.request.Request(
            f"{KEYCLOAK_URL}/admin/realms/{REALM}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def users_linked_to(admin: Admin, alias: str):
    first = 0
    while page := admin.get("/users", idpAlias=alias, briefRepresentation="true", first=first, max=PAGE):
        yield from page
        first += len(page)


def copy(admin: Admin, user: dict, source: str, target: str) -> str:
    """Copies the link of one user, and returns what became of it."""
    path = f"/users/{user['id']}/federated-identity"
    links = {link["identityProvider"]: link for link in admin.get(path)}
    if target in links:
        return "there before"
    link = links[source]
    # Keycloak does not refuse to link an identity to a second user, but then neither of them can sign in by it
    if admin.get("/users", idpAlias=target, idpUserId=link["userId"], briefRepresentation="true", max=1):
        print(f"{user['username']}: not copied, because another user has this identity at {target}", file=sys.stderr)
        return "in conflict"
    copied = {"identityProvider": target, "userId": link["userId"], "userName": link["userName"]}
    status, answer = admin.call("POST", f"{path}/{urllib.parse.quote(target, safe='')}", copied)
    if status != NO_CONTENT:
        print(f"{user['username']}: not copied: {status} {answer.decode()}", file=sys.stderr)
        return "refused"
    return "copied"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="alias of the identity provider that has the links")
    parser.add_argument("target", help="alias of the identity provider that gets them")
    arguments = parser.parse_args()
    admin = Admin()
    known = {provider["alias"] for provider in admin.get("/identity-provider/instances")}
    missing = {arguments.source, arguments.target} - known
    if missing:
        raise SystemExit(f"no identity provider of realm {REALM}: {', '.join(sorted(missing))}")
    outcomes = collections.Counter(
        copy(admin, user, arguments.source, arguments.target)
        for user in users_linked_to(admin, arguments.source))
    for outcome in ("copied", "there before", "in conflict", "refused"):
        print(f"{outcome}: {outcomes[outcome]}")
    if outcomes["in conflict"] or outcomes["refused"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
