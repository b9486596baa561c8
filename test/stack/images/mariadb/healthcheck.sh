#!/bin/bash
# The official image's health command: --connect is proven by a query over TCP, --innodb_initialized by its answer.
# A rejected login is an answer too: the server is up and knows its users.
set -uo pipefail
answer=$(mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --user=healthcheck --connect-timeout=3 -e 'SELECT 1' 2>&1) ||
  grep -q 'ERROR 1045' <<<"$answer"
