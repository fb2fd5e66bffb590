#!/bin/sh
# Registers, shows and verifies Google's stream of Cross-Account Protection signals (RISC).
#
#   GOOGLE_KEY=service-account.json google-signals.sh register URL | show | verify | disable
#
# Needs curl, openssl and jq. The key is that of a service account with the role roles/riscconfigs.admin.
set -eu

api=${RISC_API:-https://risc.googleapis.com/v1beta}
audience=https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService
risc=https://schemas.openid.net/secevent/risc
oauth=https://schemas.openid.net/secevent/oauth/event-type

usage() {
  echo "usage: GOOGLE_KEY=service-account.json $0 register URL | show | verify | disable" >&2
  exit 2
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

token() {
  email=$(jq -r .client_email "$GOOGLE_KEY")
  now=$(date +%s)
  header=$(jq -cn --arg kid "$(jq -r .private_key_id "$GOOGLE_KEY")" '{alg: "RS256", typ: "JWT", kid: $kid}')
  claims=$(jq -cn --arg iss "$email" --arg aud "$audience" --argjson iat "$now" \
    '{iss: $iss, sub: $iss, aud: $aud, iat: $iat, exp: ($iat + 3600)}')
  input=$(printf %s "$header" | base64url).$(printf %s "$claims" | base64url)
  key=$(mktemp)
  trap 'rm -f "$key"' EXIT
  jq -r .private_key "$GOOGLE_KEY" > "$key"
  printf %s.%s "$input" "$(printf %s "$input" | openssl dgst -sha256 -sign "$key" | base64url)"
  rm -f "$key"
}

# the token goes to curl by its standard input, so that the list of processes does not show it
call() {
  bearer=$(token)
  printf 'header = "Authorization: Bearer %s"\n' "$bearer" |
    curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
  echo
}

[ -n "${GOOGLE_KEY:-}" ] && [ $# -ge 1 ] || usage
case $1 in
  register)
    [ $# -eq 2 ] || usage
    call "$api/stream:update" -d "$(jq -cn --arg url "$2" --arg risc "$risc" --arg oauth "$oauth" '{
      delivery: {delivery_method: ($risc + "/delivery-method/push"), url: $url},
      events_requested: [
        ($risc + "/event-type/" + ("sessions-revoked", "account-disabled", "account-enabled",
          "account-credential-change-required", "account-purged", "verification")),
        ($oauth + "/" + ("tokens-revoked", "token-revoked"))
      ]}')"
    call "$api/stream/status:update" -d '{"status": "enabled"}' ;;
  show) call "$api/stream" ;;
  verify) call "$api/stream:verify" -d "$(jq -cn --arg state "verify-$(date +%s)" '{state: $state}')" ;;
  disable) call "$api/stream/status:update" -d '{"status": "disabled"}' ;;
  *) usage ;;
esac
