#!/bin/bash
# Installs libfaketime, which steps the clock of one process in the clock scenario of test/chaos.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages libfaketime
report "libfaketime $(dpkg-query -W -f '${Version}' libfaketime)"
