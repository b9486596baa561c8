#!/bin/bash
# Runs a real Elasticsearch node with security on the loopback, in the foreground. The tests start and stop it.
# usage: run.sh --install              download only (about 1 GB, half a minute)
#        run.sh <port> <data folder>   user elastic, password $ELASTIC_PASSWORD; ready after about 20 s, 780 MB resident
# The password applies to a new data folder only, as in the product. Transport uses the next higher port.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Elasticsearch does not run as root, so another user must be able to read the files.
cache=${ES_WORK:-/var/tmp/es-test-node}
home=$cache/target/elasticsearch-8.19.13

if ! [ -d "$home/modules/rest-root" ]; then
  mkdir -p "$cache"
  cp "$here/pom.xml" "$cache/"
  (cd "$cache" && mvn -q -B package </dev/null)
fi
[ "${1:-}" != --install ] || { echo "$home"; exit 0; }

port=$1 work=$2
config=$work/config
if ! [ -d "$config" ]; then
  mkdir -p "$work"
  cp -r "$home/config" "$config"
  rm -f "$config/elasticsearch.keystore"
fi
cat > "$config/elasticsearch.yml" <<YAML
cluster.name: test
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
transport.port: $((port + 1))
path.data: $work/data
path.logs: $work/logs
xpack.security.enabled: true
xpack.security.http.ssl.enabled: false
xpack.security.transport.ssl.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
YAML

as=()
if [ "$(id -u)" = 0 ]; then
  chown -R nobody:nogroup "$work"
  chmod -R a+rX "$cache"
  as=(setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/tmp)
fi
export ES_PATH_CONF=$config ES_JAVA_OPTS="-Xms512m -Xmx512m"
if [ -z "${ES_JAVA_HOME:-}" ]; then
  ES_JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
fi
export ES_JAVA_HOME
if ! [ -f "$config/elasticsearch.keystore" ]; then
  "${as[@]}" "$home/bin/elasticsearch-keystore" create -s
  printf %s "$ELASTIC_PASSWORD" | "${as[@]}" "$home/bin/elasticsearch-keystore" add -s -x -f bootstrap.password
fi
exec "${as[@]}" "$home/bin/elasticsearch"
