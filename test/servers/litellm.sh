#!/bin/bash
# Installs LiteLLM's proxy, a real server with the interface of the bot's model. Its mock answers need no internet. The
# extra `proxy` would install 250 MB of unneeded packages, so this list contains only those that the proxy imports.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
version=1.81.0
folder=$servers_cache/litellm-$version
packages=(
  "litellm==$version" litellm-proxy-extras==0.4.23 'fastapi>=0.120.1,<1' fastapi-sso==0.16.0 uvicorn==0.31.1
  uvloop==0.21.0 'websockets>=15,<16' 'orjson>=3.9.7,<4' backoff 'PyJWT>=2.10.1,<3' python-multipart==0.0.18
  'pyyaml>=6.0.1,<7' rich==13.7.1 cryptography 'apscheduler>=3.10.4,<4'
)
if ! [ -f "$folder/installed" ]; then
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3 python3-venv
  rm -rf "$folder"
  mkdir -p "$servers_cache"
  quietly python3 -m venv "$folder"
  quietly retry "$folder/bin/pip" install --no-input --disable-pip-version-check "${packages[@]}"
  "$folder/bin/python" -c 'import litellm.proxy.proxy_server' >/dev/null
  touch "$folder/installed"
fi
report "$("$folder/bin/pip" --disable-pip-version-check show litellm 2>/dev/null | sed -n 's/^Version: /litellm /p'), $(du -sm "$folder" | cut -f1) MB"
