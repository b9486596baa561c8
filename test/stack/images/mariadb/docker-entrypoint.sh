#!/bin/bash
# At the first start, creates the database and the user of the variables. Then starts the server with the given flags.
set -euo pipefail
[ "${1:-mariadbd}" != mariadbd ] || shift

if ! [ -d /var/lib/mysql/mysql ]; then
  mariadb-install-db --no-defaults --datadir=/var/lib/mysql --auth-root-authentication-method=socket --skip-test-db >/dev/null
  # A quote inside a value would end the string early.
  quoted() { local value=${1//\\/\\\\}; printf "'%s'" "${value//\'/\'\'}"; }
  root_elsewhere() {
    [ "${MARIADB_ROOT_HOST:-%}" != localhost ] || return 0
    local user; user="'root'@$(quoted "${MARIADB_ROOT_HOST:-%}")"
    echo "CREATE USER $user IDENTIFIED BY $(quoted "$MARIADB_ROOT_PASSWORD"); GRANT ALL ON *.* TO $user WITH GRANT OPTION;"
  }
  mariadbd --no-defaults --bootstrap --datadir=/var/lib/mysql <<SQL
FLUSH PRIVILEGES;
CREATE DATABASE \`$MARIADB_DATABASE\`;
CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");
GRANT ALL ON \`$MARIADB_DATABASE\`.* TO $(quoted "$MARIADB_USER")@'%';
ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$MARIADB_ROOT_PASSWORD");
$(root_elsewhere)
SQL
fi
exec mariadbd --no-defaults --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock --pid-file=/run/mysqld/mysqld.pid \
  --bind-address=0.0.0.0 "$@"
