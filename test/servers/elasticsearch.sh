#!/bin/bash
# Elasticsearch: about 1 GB, downloaded once by the script that the tests start it with.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
command -v java >/dev/null || install_packages default-jre-headless
command -v mvn >/dev/null || install_packages maven
say "$(retry bash elasticsearch/run.sh --install | tail -n 1)"
