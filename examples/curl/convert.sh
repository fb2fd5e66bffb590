#!/bin/sh
# Sign-in at the provider, conversion, refresh, and both invalidations, by curl against the demo.
set -eu

: "${KEYCLOAK_URL:=http://localhost:8000}"
PROVIDER=$KEYCLOAK_URL/realms/social/protocol/openid-connect
REALM=$KEYCLOAK_URL/realms/demo
CLIENT='-d client_id=demo-app -d client_secret=demo-app-secret'

# A member of a JSON object on standard input. Scripts of your own better use jq.
member() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

# The status alone.
status() { curl -sS -o /dev/null -w '%{http_code}' "$@"; }

expect() {
  [ "$2" = "$3" ] || { echo "$1: expected $2, got $3" >&2; exit 1; }
  echo "$1: $3"
}

# An app does this with the provider's SDK.
provider_token() {
  curl -sS --fail-with-body "$PROVIDER/token" -d client_id=demo-company -d client_secret=demo-company-secret \
    -d grant_type=password -d username=bob -d password=bob -d scope=openid | member id_token
}

convert() {
  curl -sS --fail-with-body "$REALM/auth/convert-token" $CLIENT \
    -d grant_type=convert_token -d backend=social -d token="$(provider_token)" -d scope=openid
}

TOKENS=$(convert)
echo "converted: $(echo "$TOKENS" | sed -n 's/.*"user":\({[^}]*}\).*/\1/p')"

TOKENS=$(curl -sS --fail-with-body "$REALM/auth/token" $CLIENT \
  -d grant_type=refresh_token -d refresh_token="$(echo "$TOKENS" | member refresh_token)")
ACCESS=$(echo "$TOKENS" | member access_token)
REFRESH=$(echo "$TOKENS" | member refresh_token)
expect 'refreshed, userinfo answers' 200 \
  "$(status "$REALM/protocol/openid-connect/userinfo" -H "Authorization: Bearer $ACCESS")"

expect 'invalidate-refresh-tokens' 204 \
  "$(status "$REALM/auth/invalidate-refresh-tokens" -H "Authorization: Bearer $ACCESS" -d client_id=demo-app)"
expect 'the refresh token is refused' 400 \
  "$(status "$REALM/auth/token" $CLIENT -d grant_type=refresh_token -d refresh_token="$REFRESH")"
expect 'the access token goes on' 200 \
  "$(status "$REALM/protocol/openid-connect/userinfo" -H "Authorization: Bearer $ACCESS")"

ACCESS=$(convert | member access_token)
expect 'converted again, invalidate-sessions' 204 \
  "$(status "$REALM/auth/invalidate-sessions" -H "Authorization: Bearer $ACCESS" -d client_id=demo-app)"
expect 'the access token is refused' 401 \
  "$(status "$REALM/protocol/openid-connect/userinfo" -H "Authorization: Bearer $ACCESS")"
