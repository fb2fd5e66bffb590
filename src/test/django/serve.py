"""Fills a new database and serves the project on a free port of loopback, which it writes into the file given."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
from oauth2_provider.models import Application
from social_django.models import UserSocialAuth

call_command("migrate", verbosity=0)

# A project's own user model often wants each address once. Here it does for these only, so that both can be seen.
with connection.cursor() as cursor:
    cursor.execute(
        "CREATE UNIQUE INDEX unique_email ON auth_user (email) WHERE email LIKE '%@unique.example'"
    )


def application(client_id, client_type, secret):
    Application.objects.create(
        client_id=client_id,
        client_secret=secret,
        client_type=client_type,
        authorization_grant_type=Application.GRANT_PASSWORD,
        name=client_id,
    )


def user(name, email, uid=None, password=None, is_active=True):
    created = User.objects.create_user(name, email, password, is_active=is_active)
    if uid:
        UserSocialAuth.objects.create(user=created, provider="google-oauth2", uid=uid)


application("app", Application.CLIENT_CONFIDENTIAL, "app-secret")
application("mobile", Application.CLIENT_PUBLIC, "")

# The social ids get the numbers 1, 2, 3 in this order.
user("linked", "linked@provider.example", uid="subject-of-linked", password="linked")
user("passwordless", "passwordless@provider.example", uid="subject-of-passwordless")
user("disabled", "disabled@provider.example", uid="subject-of-disabled", password="disabled", is_active=False)
user("alice", "alice@realm.example", password="alice")
user("unique", "taken@unique.example", password="unique")

project = get_wsgi_application()


def as_in_production(environ, start_response):
    """Leaves out what a 204 may not have: revoke-token sends a body of two characters with it."""
    is_empty = []

    def start(status, headers, exc_info=None):
        if status.startswith("204"):
            is_empty.append(True)
            headers = [header for header in headers if header[0].lower() != "content-length"]
        return start_response(status, headers, exc_info)

    body = project(environ, start)
    if is_empty:
        body.close()
        return []
    return body


server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(as_in_production)
ready = sys.argv[1]
with open(ready + ".part", "w") as file:
    file.write(str(server.server_port))
os.rename(ready + ".part", ready)
server.serve_forever()
