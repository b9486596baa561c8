#!/bin/bash
# Builds Docker Compose v5 from its Go module, as a Docker CLI plugin, because Debian's Compose is too old for the file.
# The engine's own builder builds the images, so buildx is not needed.
set -euo pipefail
cd "$(dirname "$0")"
. ../lib.sh

# Version 2.24 introduced `!override`, which the stack test's override file uses. Compose cannot report features.
recent_enough() {
  local version
  version=$(docker compose version --short 2>/dev/null) &&
    printf '%s\n' 2.24 "${version#v}" | sort --version-sort --check=quiet
}

if ! recent_enough; then
  command -v go >/dev/null || install_packages golang-go
  version=$(awk '$1 == "github.com/docker/compose/v5" { print $2; exit }' go.mod)
  built=$(mktemp)
  trap 'rm -f "$built"' EXIT
  quietly retry env CGO_ENABLED=0 go build -trimpath -o "$built" \
    -ldflags="-s -w -X github.com/docker/compose/v5/internal.Version=$version" github.com/docker/compose/v5/cmd
  as_root install -D -m 0755 "$built" /usr/local/lib/docker/cli-plugins/docker-compose
fi
report "$(docker compose version)"
