"""Makes half of the generated requests come further than the front door: callers, clients and tokens that are real.

FuzzIT sets FUZZ_BASE, the server; FUZZ_REALM; FUZZ_TOKENS, a file with one external token a line; FUZZ_USER, the id of the
user alice; FUZZ_COUNT, a file that gets a line a request.
"""

import base64
import os
import random
import threading

import requests
import schemathesis

BASE = os.environ["FUZZ_BASE"]
REALM = os.environ["FUZZ_REALM"]
USER = os.environ["FUZZ_USER"]
TOKENS = open(os.environ["FUZZ_TOKENS"]).read().split()
COUNT = open(os.environ["FUZZ_COUNT"], "a", buffering=1)

BEARER = {
    "revokeToken",
    "invalidateSessions",
    "invalidateRefreshTokens",
    "connectBackend",
    "disconnectBackend",
}
ADMIN = {"invalidateSessionsOfUser", "invalidateRefreshTokensOfUser"}
ENDING = {"revokeToken", "invalidateSessions", "invalidateRefreshTokens", "disconnectBackend"}

lock = threading.Lock()
held = {}


def sign_in(who):
    """An access token; what a request has done to the last one shows in its answer."""
    realm, client, secret, name = {
        "alice": (REALM, "app", "app-secret", "alice"),
        "admin": ("master", "admin-cli", None, "admin"),
    }[who]
    form = {"grant_type": "password", "client_id": client, "username": name, "password": name, "scope": "openid"}
    if secret:
        form["client_secret"] = secret
    answer = requests.post(f"{BASE}/realms/{realm}/protocol/openid-connect/token", data=form, timeout=60)
    answer.raise_for_status()
    return answer.json()


def tokens_of(who):
    with lock:
        if who not in held:
            held[who] = sign_in(who)
        return held[who]


def operation_of(case):
    return case.operation.definition.raw.get("operationId")


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["allow_redirects"] = False
    operation = operation_of(case)
    if operation == "tokenEndpoint":
        # Keycloak's own endpoint reads the client before any of ours is asked, and PostgreSQL does not take U+0000
        if isinstance(case.body, dict):
            case.body = {k: v.replace("\0", "") if isinstance(v, str) else v for k, v in case.body.items()}
        if b"\0" in basic_credentials(case.headers or {}):
            del case.headers["Authorization"]
    if operation == "authorize" and case.query:
        # Keycloak itself refuses what is not printable, in any query
        case.query = {printable(name): printable(value) for name, value in case.query.items()}
    if random.random() < 0.5:
        return
    if operation in BEARER:
        case.headers["Authorization"] = "Bearer " + tokens_of("alice")["access_token"]
    if operation in ADMIN:
        case.headers["Authorization"] = "Bearer " + tokens_of("admin")["access_token"]
        case.path_parameters["id"] = USER
    if isinstance(case.body, dict):
        case.body = {**case.body, **real(operation, case.body)}


def basic_credentials(headers):
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    try:
        return base64.b64decode(encoded) if scheme == "Basic" else b""
    except ValueError:
        return b""


def printable(value):
    if isinstance(value, (list, tuple)):
        return [printable(item) for item in value]
    return "".join(character for character in str(value) if character.isprintable())


def real(operation, body):
    """Some of the parameters, as somebody who knows the realm would send them."""
    values = {}
    if operation in ("convertToken", "token", "tokenEndpoint", "revokeToken"):
        values.update(random.choice([{"client_id": "app", "client_secret": "app-secret"}, {"client_id": "mobile"}]))
    if operation in ("invalidateSessions", "invalidateRefreshTokens") or operation in ADMIN:
        values["client_id"] = random.choice(["app", "mobile", "account", "nobody"])
    if operation in ("convertToken", "connectBackend"):
        values.update(backend="social", token=random.choice(TOKENS))
        if operation == "convertToken" and random.random() < 0.8:
            values["grant_type"] = "convert_token"
    if operation == "disconnectBackend":
        values["backend"] = "social"
    if operation == "revokeToken":
        values["token"] = tokens_of("alice")["refresh_token"]
    if operation == "tokenEndpoint":
        values.update(
            random.choice(
                [
                    {"grant_type": "convert_token", "backend": "social", "token": random.choice(TOKENS)},
                    {
                        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                        "subject_issuer": "social",
                        "subject_token": random.choice(TOKENS),
                        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
                    },
                ]
            )
        )
    if operation == "token":
        values.update(
            random.choice(
                [
                    {"grant_type": "refresh_token", "refresh_token": tokens_of("alice")["refresh_token"]},
                    {"grant_type": "password", "username": "alice", "password": "alice"},
                    {"grant_type": "client_credentials"},
                    {"grant_type": "convert_token", "backend": "social", "token": random.choice(TOKENS)},
                ]
            )
        )
    # the generated values that are left out of it are what is tried out
    return {name: value for name, value in values.items() if random.random() < 0.9}


@schemathesis.hook
def after_call(context, case, response):
    operation = operation_of(case)
    COUNT.write(f"{operation} {response.status_code}\n")
    who = "admin" if operation in ADMIN else "alice"
    is_used_up = response.status_code < 300 and operation in ENDING
    if is_used_up or (response.status_code == 401 and operation in ADMIN | BEARER):
        with lock:
            held.pop(who, None)
