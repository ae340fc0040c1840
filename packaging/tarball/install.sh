#!/bin/sh
# Installs amlnet from this folder. Needs no network.
#   ./install.sh [--prefix DIR]     [/usr/local as root, else ~/.local]
#   ./install.sh --remove [--prefix DIR]
# As root on a machine with systemd it also installs its units, none of which it enables.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
remove=
if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:?}/.local; fi
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=${2:?--prefix needs a folder}; shift 2 ;;
    --remove) remove=1; shift ;;
    --help) sed -n '2,5s/^# \{0,3\}//p' "$0"; exit 0 ;;
    *) echo "install.sh: $1: unknown option; see ./install.sh --help" >&2; exit 2 ;;
  esac
done

# The program comes whole or not at all: one that runs is replaced, not written over.
put() {  # MODE FILE TARGET
  mkdir -p "$(dirname "$3")"
  cp "$2" "$3.new.$$"
  chmod "$1" "$3.new.$$"
  mv -f "$3.new.$$" "$3"
}

targets() {
  printf '%s\n' bin/amlnet share/amlnet/setup.sh share/doc/amlnet/LICENSES.txt share/doc/amlnet/sbom.spdx.json \
    share/doc/amlnet/README.md
  (cd "$here" && find share -type f)
}

# Units name the program by its path. AMLNET_UNITS is for tests.
units=${AMLNET_UNITS:-/etc/systemd/system}
has_systemd() { [ -n "${AMLNET_UNITS:-}" ] || { [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; }; }
reload() { if [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ]; then systemctl daemon-reload || true; fi; }

put_units() {
  for file in "$here"/systemd/*; do
    sed "s|/usr/bin/amlnet|$prefix/bin/amlnet|" "$file" > "$units/${file##*/}.new.$$"
    chmod 644 "$units/${file##*/}.new.$$"
    mv -f "$units/${file##*/}.new.$$" "$units/${file##*/}"
  done
  reload
}

remove_units() {
  for file in "$here"/systemd/*; do
    unit=${file##*/}
    grep -qs "$prefix/bin/amlnet\|amlnet-check.timer" "$units/$unit" || continue
    if [ -d /run/systemd/system ]; then systemctl disable --now "$unit" 2>/dev/null || true; fi
    rm -f "$units/$unit"
  done
  reload
}

if [ -n "$remove" ]; then
  if has_systemd; then remove_units; fi
  targets | while read -r file; do rm -f "$prefix/$file"; done
  rmdir "$prefix"/share/amlnet/examples/* "$prefix/share/amlnet/examples" "$prefix/share/amlnet/catalog/coverage" \
    "$prefix/share/amlnet/catalog" "$prefix/share/amlnet" "$prefix/share/doc/amlnet" 2>/dev/null || true
  echo "removed amlnet from $prefix"
  exit 0
fi
"$here/amlnet" --version > /dev/null || { echo "install.sh: this amlnet does not run on $(uname -sm)" >&2; exit 1; }
targets | while read -r file; do
  case $file in
    bin/amlnet) put 755 "$here/amlnet" "$prefix/$file" ;;
    share/amlnet/setup.sh) put 755 "$here/setup.sh" "$prefix/$file" ;;
    share/amlnet/examples/*.sh) put 755 "$here/$file" "$prefix/$file" ;;
    share/doc/*) put 644 "$here/${file##*/}" "$prefix/$file" ;;
    *) put 644 "$here/$file" "$prefix/$file" ;;
  esac
done
if has_systemd; then put_units; fi
echo "installed $prefix/bin/amlnet"
