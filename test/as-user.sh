#!/bin/bash
# Runs the tests as a user without privileges, on a copy of this working tree. Needs root to create that user.
# usage: test/as-user.sh [jest arguments]
#        test/as-user.sh --busy [arguments of test/busy.js]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=servers/lib.sh
. test/servers/lib.sh

run=(npm test -s --)
[ "${1-}" != --busy ] || { run=(node test/busy.js) && shift; }

user=chatbot-test-$$
home=$(mktemp -d "${TMPDIR:-/tmp}/chatbot-user.XXXXXX")

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

as_root useradd --system --user-group --home-dir "$home" --shell /bin/bash "$user"
mkdir "$home/project"
# Copies committed, changed and new files. A deleted file is still listed, so skip missing ones.
git ls-files -z --cached --others --exclude-standard |
  while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
  xargs -0 cp --parents -t "$home/project"
cp -a node_modules "$home/project/"
rm -rf "$home/project/node_modules/.cache"
# Copies the downloads of `make test-servers`, because other users cannot read the home of root.
[ ! -d "$servers_cache" ] || cp -r "$servers_cache" "$home/servers"
as_root chown -R "$user:" "$home"
as_root chmod 755 "$home"

as_root setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all --reset-env \
  env PATH="$PATH" TEST_SERVERS_CACHE="$home/servers" \
  bash -c 'cd "$HOME/project" && npm run -s build && "$@"' as-user "${run[@]}" "$@"
