#!/bin/bash
# Compiles llama.cpp's server of llama-cpp-python, and creates a tiny model with random weights. Only `make test-llama`
# needs it. Compiles with one job and little optimisation, which takes some five minutes of CPU.
set -euo pipefail
cd "$(dirname "$0")"
. ../lib.sh
version=0.2.90
folder=$servers_cache/llama-cpp-$version
if ! [ -f "$folder/installed" ]; then
  command -v g++ >/dev/null || install_packages g++
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3 python3-venv
  rm -rf "$folder"
  mkdir -p "$servers_cache"
  quietly python3 -m venv "$folder"
  report "compiling llama.cpp"
  export CMAKE_BUILD_PARALLEL_LEVEL=1
  export CMAKE_ARGS='-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1'
  quietly retry nice -n 19 "$folder/bin/pip" install --no-input --disable-pip-version-check \
    "llama-cpp-python[server]==$version" gguf==0.17.1
  touch "$folder/installed"
fi
"$folder/bin/python" make-model.py "$folder/tiny.gguf"
report "llama-cpp-python $version, $(du -sm "$folder" | cut -f1) MB"
