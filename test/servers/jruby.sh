#!/bin/bash
# JRuby of the line Logstash 8.19 carries, as one jar: the ruby filter of the log pipeline runs under it.
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
say "$jar"
