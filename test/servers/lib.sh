# Helpers of the install scripts: root, retries, and Debian packages without their services. Source this file.
# shellcheck shell=bash

# Cache of downloaded test servers that are not packages.
# shellcheck disable=SC2034 # used by the scripts that source this file
servers_cache=${TEST_SERVERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chatbot-test-servers}

report() { printf '  %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This step needs root: run 'make test-servers' as root, or install sudo." >&2
    return 1
  fi
}

# retry COMMAND…: runs the command up to four times with growing pauses, because the network may fail for a moment.
retry() {
  local try
  for try in 1 2 3 4; do
    "$@" && return 0
    [ "$try" = 4 ] || { report "failed, retrying in $((try * 5)) s: $*" >&2 && sleep $((try * 5)); }
  done
  echo "Gave up after four attempts: $*" >&2
  return 1
}

# has_packages NAME…: succeeds if every named Debian package is installed.
has_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || return 1
  done
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null; }

# Updates the package lists unless they are less than an hour old.
apt_update_once() {
  [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin -60 -print -quit 2>/dev/null)" ] || return 0
  retry apt_get update
}

# install_packages NAME…: installs missing packages. install.sh prevents the start of their services now; this function
# prevents it at the next boot.
install_packages() {
  has_packages "$@" && return 0
  apt_update_once
  # The output is long, so show it only after a failure.
  quietly retry apt_get install -y --no-install-recommends "$@"
  command -v systemctl >/dev/null || return 0
  dpkg -L "$@" | sed -nE 's#^(/usr)?/lib/systemd/system/([^/@]+\.(service|socket|timer))$#\2#p' | while read -r unit; do
    quietly as_root systemctl disable "$unit" || true
  done
}

# quietly COMMAND…: shows the command's output only if it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2 && return 1; }
}

# During the installation, /usr/sbin/policy-rc.d with exit status 101 prevents the start of services, because the tests
# start their own servers, on their own ports and directories. restore_services restores the previous file.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [ -e "$policy.before-test-servers" ] || ! [ -e "$policy" ] || as_root mv "$policy" "$policy.before-test-servers"
  printf '#!/bin/sh\n# created by test/servers/install.sh, removed at its end\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 0755 "$policy"
}
restore_services() {
  as_root rm -f "$policy"
  [ ! -e "$policy.before-test-servers" ] || as_root mv "$policy.before-test-servers" "$policy"
}
