#!/bin/bash
# Installs the real servers of the tests and prints the result of each. Safe to repeat; fast if all are installed.
# usage: install.sh [server …]   without a name: all of them
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=lib.sh
. ./lib.sh

servers=(mariadb faketime prometheus caddy chromium jruby litellm elasticsearch docker compose)
[ $# -eq 0 ] || servers=("$@")

if ! command -v apt-get >/dev/null; then
  cat >&2 <<'TEXT'
This script supports Debian and Ubuntu only. On other systems, install these by hand, then run 'make test' again:
  mariadbd 10.11 or newer, promtool (Prometheus), Caddy, Chromium (or set CHROMIUM_PATH),
  Docker Engine with the Compose plugin v2.24 or newer, debootstrap, Java 17, Maven, Go 1.25 or newer,
  Python 3.9 to 3.13 with venv.
TEXT
  exit 1
fi

forbid_services
trap restore_services EXIT

failed=()
for server in "${servers[@]}"; do
  script=./$server/install.sh
  [ -f "$script" ] || script=./$server.sh
  if ! [ -f "$script" ]; then
    echo "No install script for '$server' in test/servers." >&2
    failed+=("$server")
    continue
  fi
  started=$SECONDS
  echo "$server"
  bash "$script" || failed+=("$server")
  report "$((SECONDS - started)) s"
done

if [ ${#failed[@]} -gt 0 ]; then
  echo "Not installed: ${failed[*]}. The lines above show the reason. Fix it, then run 'make test-servers' again." >&2
  exit 1
fi
echo "Installed: ${servers[*]}"
