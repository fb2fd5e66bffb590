"""Creates Django's users in a realm and links their social ids. Needs nothing but Python; can be run again at any time.

The realm's address, and an administrator who may manage its users, come from the environment:
KEYCLOAK_URL, REALM, ADMIN_USER, ADMIN_PASSWORD (of realm master), or ADMIN_TOKEN instead of the last two.
"""

import argparse
import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

KEYCLOAK_URL = os.environ.get("KEYCLOAK_URL", "http://localhost:8000")
REALM = os.environ.get("REALM", "demo")
CREATED, NO_CONTENT, UNAUTHORIZED, CONFLICT = 201, 204, 401, 409


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


def credentials(password: str) -> list[dict]:
    """Django's hash as Keycloak stores its own. Keycloak hashes anew, as the realm has it, at the first sign-in."""
    parts = password.split("$")
    if parts[0] == "pbkdf2_sha256":
        _, iterations, salt, digest = parts
        data = {"algorithm": "pbkdf2-sha256", "hashIterations": int(iterations)}
        salt = base64.b64encode(salt.encode()).decode()
    elif parts[0] == "argon2" and parts[1] == "argon2id":
        _, _, version, parameters, salt, digest = parts
        parameters = dict(part.split("=") for part in parameters.split(","))
        digest = padded(digest)
        data = {
            "algorithm": "argon2",
            "hashIterations": int(parameters["t"]),
            "additionalParameters": {
                "type": ["id"],
                "version": ["1.3" if version == "v=19" else "1.0"],
                "memory": [parameters["m"]],
                "parallelism": [parameters["p"]],
                "hashLength": [str(len(base64.b64decode(digest)))],
            },
        }
        salt = padded(salt)
    else:
        # unusable, or of a kind that Keycloak cannot check: the user takes "Forgot password?"
        return []
    return [{
        "type": "password",
        "credentialData": json.dumps(data),
        "secretData": json.dumps({"value": digest, "salt": salt}),
    }]


def padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def user_id(admin: Admin, user: dict, email_verified: bool) -> str:
    representation = {
        "username": user["username"],
        "email": user["email"] or None,
        "emailVerified": email_verified and bool(user["email"]),
        "firstName": user["first_name"],
        "lastName": user["last_name"],
        "enabled": user["is_active"],
        "credentials": credentials(user["password"]),
    }
    status, answer = admin.call("POST", "/users", representation)
    if status not in (CREATED, CONFLICT):
        raise SystemExit(f"{user['username']}: {status} {answer.decode()}")
    query = urllib.parse.urlencode({"username": user["username"], "exact": "true"})
    found = json.loads(admin.call("GET", f"/users?{query}")[1])
    if not found:
        raise SystemExit(f"{user['username']}: the e-mail address belongs to another user of the realm")
    print(f"{user['username']}: {'created' if status == CREATED else 'was there'}")
    return found[0]["id"]


def link(admin: Admin, user: dict, keycloak_id: str, social: dict, aliases: dict[str, str]) -> None:
    provider = social["provider"]
    if provider not in aliases:
        return
    subject = social.get("sub") or social["uid"]
    if "@" in subject:
        print(f"{user['username']}: not linked, {provider} was stored by e-mail address", file=sys.stderr)
        return
    alias = aliases[provider]
    status, answer = admin.call(
        "POST",
        f"/users/{keycloak_id}/federated-identity/{alias}",
        {"identityProvider": alias, "userId": subject, "userName": user["username"]},
    )
    if status not in (NO_CONTENT, CONFLICT):
        raise SystemExit(f"{user['username']}: {status} {answer.decode()}")
    print(f"{user['username']}: {provider} linked as {alias}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("users", type=argparse.FileType(), help="from export_users.py")
    parser.add_argument(
        "--link", metavar="PROVIDER=ALIAS", action="append", default=[],
        help="a provider of Django and the identity provider of the realm that is the same; others are left out")
    parser.add_argument("--email-verified", action="store_true", help="Django has verified the addresses")
    arguments = parser.parse_args()
    aliases = dict(pair.split("=", 1) for pair in arguments.link)
    admin = Admin()
    for line in arguments.users:
        user = json.loads(line)
        keycloak_id = user_id(admin, user, arguments.email_verified)
        for social in user["social"]:
            link(admin, user, keycloak_id, social, aliases)


if __name__ == "__main__":
    main()
