#!/usr/bin/env bash
# Makes sure that the named tools are there: tools.sh rust|node|python|postgres|containers|chromium|oha…
# As root on a Debian-like system it installs what is missing; elsewhere it names the command to type.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/darkroom}"
NODE_MAJOR=20
PYTHON_MINOR=10

say() { printf '\033[2m[tools]\033[0m %s\n' "$*" >&2; }
fail() { printf '[tools] %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Whether apt knows a version of this package that can be installed.
available() { has apt-cache && apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

# install PACKAGE…: with apt as root; otherwise says what to type and stops.
install() {
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "installing $* (apt-get)"
    export DEBIAN_FRONTEND=noninteractive
    local log
    log=$(mktemp)
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
      tail -20 "$log" >&2
      fail "apt-get could not install: $*"
    fi
    rm -f "$log"
  elif has apt-get; then
    fail "missing: $*. Type: sudo apt-get install $*"
  else
    fail "missing: $*. Install it with this system's package manager, then try again."
  fi
}

# The version in Cargo.lock of the crate named $1.
locked() { awk -v name="\"$1\"" '$1 == "name" && $3 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock; }

need_rust() {
  if ! has cargo; then
    if [ "$(id -u)" = 0 ] && available rustup; then install rustup && rustup default stable >&2; fi
    has cargo || fail "missing: Rust. Type: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh   then open a new shell."
  fi
  has cc || install build-essential
}

need_wasm() {
  local sysroot version
  sysroot=$(rustc --print sysroot)
  if [ ! -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ]; then
    has rustup || fail "missing: the wasm32-unknown-unknown target, and rustup to add it. Install Rust from https://rustup.rs."
    say "adding the WebAssembly target"
    rustup target add wasm32-unknown-unknown >&2 || fail "could not add it. Type: rustup target add wasm32-unknown-unknown"
  fi
  version=$(locked wasm-bindgen)
  if [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $version" ]; then
    say "installing wasm-bindgen $version (about 3 minutes, once)"
    # Without --locked: the lock file of the published package names versions that the registry may no longer serve.
    cargo install --quiet --root "$CACHE/tools" wasm-bindgen-cli --version "$version" >&2 || fail "could not install wasm-bindgen-cli $version"
  fi
}

need_node() {
  [ "$(node_major_or_zero)" -ge "$NODE_MAJOR" ] && has npm && return
  has npm || install nodejs npm
  [ "$(node_major_or_zero)" -ge "$NODE_MAJOR" ] && return
  # Older Debian releases ship an older Node; npm's package `node` carries a current one.
  say "installing Node 22 into $CACHE/node"
  npm install --loglevel error --prefix "$CACHE/node" node@22 >&2 || fail "needs Node >= $NODE_MAJOR, found $(node --version). See https://nodejs.org."
}
node_major_or_zero() { local v; v=$(node --version 2>/dev/null) || v=v0; v=${v#v}; echo "${v%%.*}"; }

need_python() {
  has python3 || install python3 python3-venv
  python3 -c "import sys; sys.exit(sys.version_info < (3, $PYTHON_MINOR))" ||
    fail "needs Python >= 3.$PYTHON_MINOR, found $(python3 --version). Install a newer python3, or put it first on PATH."
  python3 -c 'import venv, ensurepip' 2>/dev/null || install python3-venv
}

need_postgres() {
  end2end/scripts/with_postgres.sh --find >/dev/null 2>&1 || install postgresql
}

need_oha() {
  has oha && return
  say "installing oha, which makes load (some minutes, once)"
  cargo install --quiet --locked --no-default-features --features rustls --root "$CACHE/tools" oha >&2 || fail "could not install oha"
}

# ZenML verifies a connector to a container registry with the engine of the machine; a `docker` without its service is none.
need_containers() { has podman || docker info >/dev/null 2>&1 || install podman; }

need_inotify() { has inotifywait || install inotify-tools; }

need_chromium() {
  has chromium || has chromium-browser || has google-chrome || install chromium
}

mkdir -p "$CACHE"
for tool in "$@"; do "need_$tool"; done
