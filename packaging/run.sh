#!/usr/bin/env bash
# Builds amlnet, with what it needs installed first, and runs `amlnet check` with the arguments given.
#   packaging/run.sh [ARGUMENTS OF CHECK]
#   packaging/run.sh --demo        a check inside a network that is broken on purpose; needs root
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/release
. "$root/packaging/packages.sh"

quietly() {  # COMMAND...: its output only if it fails
  local said
  said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

build_release() {
  install_missing "$root/packaging/packages.txt"
  if [ ! -e "$build/build.ninja" ]; then
    quietly cmake -S "$root" --preset release -DAMLNET_TESTS=OFF
  fi
  if ! ninja -C "$build" -n amlnet 2>/dev/null | grep -q 'no work to do'; then
    echo "Building amlnet in build/release" >&2
    quietly cmake --build "$build" --target amlnet
  fi
}

demonstrate() {
  if [ "$(id -u)" != 0 ]; then
    echo "The demonstration needs root: it makes network namespaces, in which all of it happens and with which it ends." >&2
    exit 2
  fi
  install_missing "$root/tests/lab/packages.txt"
  build_release
  echo "A workspace network with three planted faults: a private DNS zone that is not linked, a filtered port, and a"
  echo "firewall that closes connections by server name. Nothing leaves this machine."
  echo
  local status=0
  python3 -B "$root/tests/lab/run.py" --binary "$build/amlnet" --terminal demo || status=$?
  [ "$status" = 1 ] || exit "$status"  # 1 says that the faults were found
}

if [ "${1:-}" = --demo ]; then
  demonstrate
else
  build_release >&2
  exec "$build/amlnet" check "$@"
fi
