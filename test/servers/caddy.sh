#!/bin/bash
# Installs Caddy, for tests of the public proxy's configuration.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages caddy
report "caddy $(caddy version)"
