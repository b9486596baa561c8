#!/bin/bash
# Runs the tests as a user without privileges, on a copy of this working tree. Needs root, for the user.
# usage: test/as-user.sh [jest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=servers/lib.sh
. test/servers/lib.sh

user=chatbot-test-$$
home=$(mktemp -d /tmp/chatbot-user.XXXXXX)
cache=$servers_cache

finish() {
  local status=$?
  trap - EXIT
  as_root userdel "$user" || true
  as_root rm -rf "$home"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

as_root useradd --system --home-dir "$home" --shell /bin/bash "$user"
mkdir "$home/project"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$home/project" 2>/dev/null || true
cp -a node_modules "$home/project/"
rm -rf "$home/project/node_modules/.cache"
as_root chown -R "$user:" "$home"
as_root chmod 755 "$home"

# The servers that `make test-servers` fetched, if this user may read them.
as_root setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all env -i \
  HOME="$home" USER="$user" PATH="$PATH" TEST_SERVERS_CACHE="$cache" REQUIRE_ALL="${REQUIRE_ALL:-}" \
  bash -c 'cd "$HOME/project" && npm run -s build && npm test -s -- "$@"' as-user "$@"
