import os

from social_core.backends.google import GoogleOAuth2


class GoogleOnLoopback(GoogleOAuth2):
    """Google's backend, but for the address that it shows access tokens to."""

    def user_data(self, access_token, *args, **kwargs):
        return self.get_json(
            os.environ["PROVIDER"] + "/userinfo",
            headers={"Authorization": f"Bearer {access_token}"},
        )
