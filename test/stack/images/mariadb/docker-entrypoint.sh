#!/bin/bash
# First start: makes the database and the user the variables ask for. Then, and always: the server with the given flags.
set -euo pipefail
[ "${1:-mariadbd}" != mariadbd ] || shift

if ! [ -d /var/lib/mysql/mysql ]; then
  mariadb-install-db --no-defaults --datadir=/var/lib/mysql --auth-root-authentication-method=socket --skip-test-db >/dev/null
  # A quote inside a value would end the string early.
  quoted() { local value=${1//\\/\\\\}; printf "'%s'" "${value//\'/\'\'}"; }
  mariadbd --no-defaults --bootstrap --datadir=/var/lib/mysql <<SQL
FLUSH PRIVILEGES;
CREATE DATABASE \`$MARIADB_DATABASE\`;
CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");
GRANT ALL ON \`$MARIADB_DATABASE\`.* TO $(quoted "$MARIADB_USER")@'%';
CREATE USER 'root'@'%' IDENTIFIED BY $(quoted "$MARIADB_ROOT_PASSWORD");
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
SQL
fi
exec mariadbd --no-defaults --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock --pid-file=/run/mysqld/mysqld.pid \
  --bind-address=0.0.0.0 "$@"
