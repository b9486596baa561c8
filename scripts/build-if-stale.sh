#!/bin/sh
# Compiles to dist/ if a source is newer than the last build.
set -eu
cd "$(dirname "$0")/.."

if [ -e dist/.built ]; then
  # A folder may be missing, such as test/ in a release.
  newer=$(find bot ops elk grafana sql scripts bench test tsconfig.json tsconfig.build.json package-lock.json \
    -newer dist/.built \( -name '*.ts' -o -name '*.json' \) -print -quit 2>/dev/null) || true
  [ -n "$newer" ] || exit 0
fi
npm run -s build
