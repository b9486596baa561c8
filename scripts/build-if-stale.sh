#!/bin/sh
# Compiles to dist/ if a source is newer than the last build.
set -eu
cd "$(dirname "$0")/.."

set --
for each in bot ops elk grafana sql scripts bench test tsconfig.json tsconfig.build.json package-lock.json; do
  # A folder may be missing, such as test/ in a release.
  [ ! -e "$each" ] || set -- "$@" "$each"
done
# Compiles also if the search fails.
if [ -e dist/.built ] &&
  newer=$(find "$@" -newer dist/.built \( -name '*.ts' -o -name '*.json' \) -print -quit) && [ -z "$newer" ]; then
  exit 0
fi
npm run -s build
