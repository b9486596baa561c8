#!/bin/bash
# libfaketime: steps the clock of one process for the clock scenario of test/chaos.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages libfaketime
say "libfaketime $(dpkg-query -W -f '${Version}' libfaketime)"
