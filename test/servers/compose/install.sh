#!/bin/bash
# Docker Compose v5 from its Go module, as a Docker CLI plugin: Debian's own Compose is too old for our file.
# Images are built by the engine's own builder, so no buildx is needed.
set -euo pipefail
cd "$(dirname "$0")"
. ../lib.sh

# 2.24 brought what the stack test's override file uses (!override); Compose knows no way to ask for a feature.
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
say "$(docker compose version)"
