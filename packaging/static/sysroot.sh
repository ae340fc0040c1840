#!/usr/bin/env bash
# Debian's libraries for arm64 in a folder, and the cross compiler told to use them and no others. Neither root nor a chroot nor arm64
# as an architecture of this machine is needed: that would upgrade its own libraries, as both must have one version. And
# the libraries are those of the archive today: the libc that comes with the cross compiler lacks the release's corrections.
#   sysroot.sh FOLDER       makes FOLDER/{sysroot,tools}
set -euo pipefail
folder=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
sysroot=$folder/sysroot
triplet=aarch64-linux-gnu

arm64_apt() {  # PROGRAM ARGUMENTS...: the machine's own sources, asked for arm64
  local program=$1 state=$folder/apt-arm64
  shift
  "$program" -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State::lists=$state/lists" \
    -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User= "$@"
}

fetch_packages() {
  local state=$folder/apt-arm64 packages
  rm -rf "$state"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/packages"
  : > "$state/status"
  mapfile -t packages < <(sed 's/ *#.*//; /^$/d' "$here/sysroot.txt")
  arm64_apt apt-get update
  (cd "$state/packages" && arm64_apt apt-get download "${packages[@]}")
}

# By dpkg, so that it can be asked later what belongs to which package. None of these packages has a script to run.
unpack_packages() {
  local database=$sysroot/var/lib/dpkg
  rm -rf "$sysroot"
  mkdir -p "$database/info" "$database/updates" "$database/triggers"
  : > "$database/status"
  PATH=$PATH:/usr/sbin:/sbin dpkg --root="$sysroot" --force-not-root --force-architecture --force-depends --unpack "$folder"/apt-arm64/packages/*.deb
}

# The compilers under their own names, before the others in PATH. They look into their own folders before those of a sysroot, and
# there lies the other libc: so the folders are named, after those of the command line. No option names them, since
# OpenSSL keeps its compiler's options as a text, and they differ from folder to folder.
write_compilers() {
  local name compiler own
  rm -rf "$folder/tools"
  mkdir -p "$folder/tools"
  for name in gcc g++; do
    compiler=$(command -v "$triplet-$name")
    own=""
    [ "$name" = gcc ] || own=$("$compiler" -x c++ -E -v /dev/null 2>&1 | sed -n 's|^ \(/.*/c++/.*\)$|-isystem \1|p' | tr '\n' ' ')
    cat > "$folder/tools/$triplet-$name" <<SCRIPT
#!/bin/sh
exec $compiler --sysroot='$sysroot' -B'$sysroot/usr/lib/$triplet/' -nostdinc "\$@" $own\\
  -isystem $("$compiler" -print-file-name=include) -isystem '$sysroot/usr/include/$triplet' -isystem '$sysroot/usr/include'
SCRIPT
    chmod 755 "$folder/tools/$triplet-$name"
  done
  ln -s "$(command -v ld.lld)" "$folder/tools/$triplet-ld.lld"
}

fetch_packages
unpack_packages
write_compilers
