#!/usr/bin/env bash
# Runs a command with TEST_POSTGRES_URL set to a PostgreSQL server of its own, started in a temporary folder on a
# free port and removed afterwards: with_postgres.sh cargo test …
# `with_postgres.sh --find` prints the folder of the server's programs.
set -euo pipefail

find_bin() {
  local folder
  for folder in "$(dirname "$(readlink -f "$(command -v initdb 2>/dev/null || echo /nowhere)")")" /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && echo "$folder" && return
  done
  return 1
}

bin=$(find_bin) || { echo "PostgreSQL is not installed (initdb not found)" >&2; exit 1; }
[ "${1:-}" = --find ] && echo "$bin" && exit

# An existing server may be given instead.
[ -n "${TEST_POSTGRES_URL:-}" ] && exec "$@"

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  owner=$(id -un postgres 2>/dev/null || echo nobody)
  as=(runuser -u "$owner" --)
fi

folder=$(mktemp -d /tmp/darkroom-postgres.XXXXXX)
[ ${#as[@]} -eq 0 ] || chown "$owner" "$folder"
stop() {
  (cd "$folder" && "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
  cd "$folder"
  "${as[@]}" "$bin/initdb" -D "$folder/data" -U darkroom -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
  # Durability is of no use to a test; many tests hold connections at once.
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/server.log" \
    -o "-p $port -h 127.0.0.1 -k $folder -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200" \
    start >/dev/null || { cat "$folder/data/server.log" >&2; exit 1; }
)
export TEST_POSTGRES_URL="postgres://darkroom@127.0.0.1:$port/postgres"
"$@"
