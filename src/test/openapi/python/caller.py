"""What an app does with the generated client. The argument is a token of the provider."""

import sys

from openapi_client import (
    ApiClient,
    Backend,
    Configuration,
    Conversion,
    Grant,
    Invalidation,
    OAuthError,
    SessionsApi,
    TokensApi,
)
from openapi_client.exceptions import BadRequestException


def main(token: str) -> None:
    tokens = TokensApi(ApiClient(Configuration(username="demo-app", password="demo-app-secret")))
    converted = tokens.convert_token(Conversion(backend=Backend.SOCIAL, token=token))
    print("converted:", converted.user.email)

    signed_in = ApiClient(Configuration(access_token=converted.access_token))
    SessionsApi(signed_in).invalidate_sessions(Invalidation(client_id="demo-app", except_current=True))
    print("ended: all sessions but this one")

    refreshed = tokens.token(Grant(grant_type="refresh_token", refresh_token=converted.refresh_token))
    print("refreshed:", refreshed.token_type)

    try:
        tokens.convert_token(Conversion(backend=Backend.SOCIAL, token="not a token"))
    except BadRequestException as refusal:
        error = refusal.data
        assert isinstance(error, OAuthError)
        print("refused:", refusal.status, error.error)


if __name__ == "__main__":
    main(sys.argv[1])
