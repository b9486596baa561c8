#!/bin/bash
# Caddy: the public proxy's configuration is checked by the real program.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages caddy
say "caddy $(caddy version)"
