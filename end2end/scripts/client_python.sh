#!/usr/bin/env bash
# Prints the Python interpreter of an environment with the unmodified ZenML client and pytest, making it when needed.
# CLIENT_PYTHON names a ready one instead. The environment is cached by the text of requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${CLIENT_PYTHON:-}" ] && echo "$CLIENT_PYTHON" && exit
: "${CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/darkroom}"
key=$( (python3 --version; cat client/requirements.txt) | sha256sum | cut -c1-12)
folder=$CACHE/client-$key
if [ ! -f "$folder/ready" ]; then
  echo "[tools] installing the ZenML client into $folder" >&2
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r client/requirements.txt >&2
  touch "$folder/ready"
fi
echo "$folder/bin/python"
