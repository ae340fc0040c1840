#!/usr/bin/env bash
# Builds one binary that needs no library of the machine it runs on, from Debian's packages and source packages.
#   packaging/static/build.sh                 makes build/static/{amlnet,LICENSES.txt,sbom.spdx.json}
#   packaging/static/build.sh --arch arm64    the same for arm64 in build/static-arm64, by a cross compiler, and
#                                             emulated/amlnet there, which runs it on this machine
# Twice the same sources and packages give twice the same bytes, in any folder. Quick where nothing has changed.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/packaging/static
. "$root/packaging/packages.sh"
. "$here/source.sh"
. "$here/architecture.sh"
case ${1:-} in
  '') architecture=amd64 ;;
  --arch) architecture=${2:?--arch needs amd64 or arm64} ;;
  *) echo "packaging/static/build.sh: expected --arch, got \"$1\"" >&2; exit 2 ;;
esac
use_architecture "$architecture"

export LC_ALL=C SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$("$root/packaging/source_date.sh")}
mapped="-ffile-prefix-map=$build/= -ffile-prefix-map=$root/="
hardened="-fPIE -fstack-protector-strong -fstack-clash-protection $branches -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -Wformat -Werror=format-security"
slim="-Os -ffunction-sections -fdata-sections"

quietly() {  # COMMAND...: its output only if it fails
  local said
  said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

# What decides how the library and the program are built: the scripts, the folder, the packages.
recipe() {
  cat "$here/source.sh" "$here/openssl.sh" "$here/libcurl.sh" "$here/libmicrohttpd.sh" "$here/build.sh" "$here/architecture.sh"
  [ "$architecture" = amd64 ] || cat "$here/sysroot.sh" "$here/sysroot.txt" "$here/arm64.cmake"
  echo "$build"
  dpkg-query -W -f '${Package} ${Version}\n' "gcc${tools:+-${tools%-}}" libarchive-dev libc6-dev libc-ares-dev libcurl4-openssl-dev libmicrohttpd-dev libssl-dev zlib1g-dev | sort
}

# No exception passes through them, so they need no tables for one.
provide_libraries() {
  echo "Building OpenSSL, libcurl and libmicrohttpd from Debian's source packages" >&2
  mkdir -p "$build"
  rm -rf "$build/apt"
  [ "$architecture" = amd64 ] || quietly "$here/sysroot.sh" "$build"
  CFLAGS="$slim $hardened -fno-asynchronous-unwind-tables" quietly "$here/openssl.sh" "$build"
  CFLAGS="$slim $hardened $mapped -fno-asynchronous-unwind-tables" quietly "$here/libcurl.sh" "$build" "${cross[@]}"
  CFLAGS="$slim $hardened $mapped -fno-asynchronous-unwind-tables" quietly "$here/libmicrohttpd.sh" "$build"
}

configure() {
  use_own_openssl "$build"
  quietly cmake -S "$root" -B "$build/cmake" -G Ninja "${cross[@]}" -DCMAKE_BUILD_TYPE=Release -DAMLNET_TESTS=OFF -DAMLNET_STATIC=ON \
    "-DCMAKE_PREFIX_PATH=$build/prefix" "${openssl[@]}" "-DCMAKE_CXX_FLAGS=$hardened $mapped" "-DCMAKE_CXX_FLAGS_RELEASE=$slim -DNDEBUG" \
    "-DCMAKE_EXE_LINKER_FLAGS=-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $links -Wl,--gc-sections"
}

install_missing "$root/packaging/packages.txt" "$here/packages.txt" "${lists[@]}" >&2
wanted=$(recipe | sha256sum)
if [ "$(cat "$build/recipe" 2>/dev/null)" != "$wanted" ] || [ ! -e "$build/cmake/build.ninja" ]; then
  provide_libraries
  configure
  echo "$wanted" > "$build/recipe"
fi
ninja -C "$build/cmake" -n amlnet | grep -q 'no work to do' || echo "Building amlnet in ${build#"$root/"}" >&2
quietly cmake --build "$build/cmake" --target amlnet
if [ ! -e "$build/amlnet" ] || [ "$build/cmake/amlnet" -nt "$build/amlnet" ]; then
  "${tools}strip" --strip-all --remove-section=.comment -o "$build/amlnet.new" "$build/cmake/amlnet"
  python3 -B "$here/bill.py" "$root" "$build"
  mv "$build/amlnet.new" "$build/amlnet"
  if [ "$architecture" != amd64 ]; then
    mkdir -p "$build/emulated"
    printf '#!/bin/sh\nexec qemu-aarch64-static "%s" "$@"\n' "$build/amlnet" > "$build/emulated/amlnet"
    chmod 755 "$build/emulated/amlnet"
  fi
fi
