#!/bin/bash
# Installs MariaDB for the store tests, which start mariadbd with their own directory and port.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
install_packages mariadb-server
report "$(/usr/sbin/mariadbd --version)"
