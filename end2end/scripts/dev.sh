#!/usr/bin/env bash
# Builds, and starts the server anew, whenever a source changes. A build that fails leaves the old server running.
set -uo pipefail
cd "$(dirname "$0")/../.."
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null' EXIT
while true; do
  if make --no-print-directory assets && cargo build --features ssr; then
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    target/debug/darkroom serve --demo "$@" &
    server=$!
  fi
  inotifywait -qq -r -e close_write,delete,move src style public migrations Cargo.toml
done
