#!/bin/bash
# Downloads JRuby as one jar, of the release series in Logstash 8.19, for tests of the log pipeline's ruby filter.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
version=9.4.14.0
jar=$servers_cache/jruby-complete-$version.jar
if ! [ -f "$jar" ]; then
  command -v java >/dev/null || install_packages default-jre-headless
  command -v mvn >/dev/null || install_packages maven
  mkdir -p "$servers_cache"
  quietly retry mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.jruby:jruby-complete:$version" -DoutputDirectory="$servers_cache" -Dmdep.useBaseVersion=true </dev/null
fi
report "$jar"
