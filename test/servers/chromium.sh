#!/bin/bash
# Installs headless Chromium, for the tests of the playground page.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
if [ -n "${CHROMIUM_PATH:-}" ] && [ -x "$CHROMIUM_PATH" ]; then
  report "$CHROMIUM_PATH (from CHROMIUM_PATH)"
  exit 0
fi
install_packages chromium fonts-noto-cjk
report "$(chromium --version 2>/dev/null)"
