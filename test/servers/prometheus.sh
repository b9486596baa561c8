#!/bin/bash
# Installs Prometheus with promtool, and the node exporter, for tests of the rules and of the scraping of a bot.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages prometheus prometheus-node-exporter
report "$(promtool --version 2>&1 | head -1)"
