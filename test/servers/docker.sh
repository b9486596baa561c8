#!/bin/bash
# Installs Docker Engine from Debian's packages, starts it if no service manager runs it, and builds the base images of
# the stack test.
# To stop an engine started here: kill "$(cat /run/docker.pid)"
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

engine_answers() { as_root docker info >/dev/null 2>&1; }

if ! command -v dockerd >/dev/null; then
  install_packages docker.io iptables
fi
has_packages debootstrap || install_packages debootstrap

if ! engine_answers; then
  log=/var/log/dockerd-test.log
  as_root sh -c "nohup setsid dockerd >$log 2>&1 </dev/null &"
  for _ in $(seq 120); do
    engine_answers && break
    sleep 0.5
  done
  engine_answers || {
    echo "dockerd did not start within a minute. Its last lines, from $log:" >&2
    as_root tail -n 5 "$log" >&2
    exit 1
  }
fi
report "engine $(as_root docker info --format '{{.ServerVersion}}, {{.Driver}}, cgroup v{{.CgroupVersion}}')"
bash ../stack/images/build-bases.sh
