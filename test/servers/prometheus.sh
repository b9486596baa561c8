#!/bin/bash
# Prometheus with promtool, and the node exporter: rules are checked and a running bot is scraped.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages prometheus prometheus-node-exporter
say "$(promtool --version 2>&1 | head -1)"
