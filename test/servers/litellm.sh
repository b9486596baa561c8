#!/bin/bash
# LiteLLM's proxy, a real server of the interface that the bot asks its model by. Its mock answers need no internet.
# The extra `proxy` would bring 250 MB of clouds and tables, so the parts that the proxy starts with are named here.
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
say "$("$folder/bin/pip" --disable-pip-version-check show litellm 2>/dev/null | sed -n 's/^Version: /litellm /p'), $(du -sm "$folder" | cut -f1) MB"
