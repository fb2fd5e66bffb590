"""Prints users with their social ids, one JSON object a line: manage.py shell < export_users.py > users.jsonl"""

import json
import sys

from django.contrib.auth import get_user_model

for user in get_user_model().objects.prefetch_related("social_auth").iterator(chunk_size=500):
    sys.stdout.write(json.dumps({
        "username": user.get_username(),
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": user.is_active,
        "password": user.password,
        "social": [
            {"provider": social.provider, "uid": social.uid, "sub": (social.extra_data or {}).get("sub")}
            for social in user.social_auth.all()
        ],
    }) + "\n")

