#!/usr/bin/env bash
# Prints the Python interpreter of an environment for the tests, making it when needed: python.sh client, python.sh peer …
# Its packages stand in end2end/requirements; it is cached by that text. CLIENT_PYTHON, PEER_PYTHON … name a ready one instead.
set -euo pipefail
cd "$(dirname "$0")/../requirements"
name=$1
ready=$(tr '[:lower:].-' '[:upper:]__' <<<"$name")_PYTHON
[ -n "${!ready:-}" ] && echo "${!ready}" && exit
: "${CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/darkroom}"
key=$( (python3 --version; cat "$name.txt") | sha256sum | cut -c1-12)
folder=$CACHE/$name-$key
if [ ! -f "$folder/ready" ]; then
  echo "[tools] installing the packages of end2end/requirements/$name.txt into $folder" >&2
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$name.txt" >&2
  touch "$folder/ready"
fi
echo "$folder/bin/python"
