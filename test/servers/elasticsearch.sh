#!/bin/bash
# Downloads Elasticsearch once (about 1 GB), by the script with which the tests start it.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
command -v java >/dev/null || install_packages default-jre-headless
command -v mvn >/dev/null || install_packages maven
report "$(retry bash elasticsearch/run.sh --install | tail -n 1)"
