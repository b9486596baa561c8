#!/bin/sh
# Runs every check, also after a failed one, and ends with a summary.

failed=''

check() {
  name=$1
  shift
  if output=$("$@" 2>&1); then
    printf 'ok    %s\n' "$name"
  else
    printf 'FAIL  %s\n%s\n' "$name" "$output"
    failed="$failed, $name"
  fi
}

check 'types' npm run -s types
check 'lint, format, import cycles' npm run -s lint
check 'dead code' npx --no-install knip
check 'build' npm run -s build
check 'folder cycles' node dist/scripts/check/folder-cycles.js
check 'platform names' node dist/scripts/check/platform-names.js
check 'wording' node dist/scripts/check/writing.js
check 'settings files up to date' node dist/ops/main.js settings docs --check
check 'dashboards up to date' node dist/grafana/dashboards/build.js --check
if docker compose version >/dev/null 2>&1; then
  check 'compose file' docker compose config -q --no-interpolate
else
  echo 'skipped: compose file (no docker compose here)'
fi

if [ -n "$failed" ]; then
  printf 'check failed: %s\n' "${failed#, }"
  exit 1
fi
echo 'check passed'
