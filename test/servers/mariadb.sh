#!/bin/bash
# MariaDB for the store tests: they start mariadbd themselves, on a directory and port of their own.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages mariadb-server
say "$(/usr/sbin/mariadbd --version)"
