#!/usr/bin/env bash
# Builds a small static libmicrohttpd from Debian's source package: plain HTTP, which is all that `amlnet watch` serves. Debian's own
# archive wants GnuTLS. Run by build.sh, after libcurl.sh.
#   CFLAGS=... libmicrohttpd.sh FOLDER       makes FOLDER/{source/libmicrohttpd,microhttpd} and adds to FOLDER/prefix
set -euo pipefail
folder=$1
. "$(dirname "$0")/source.sh"

build_microhttpd() {
  rm -rf "$folder/microhttpd"
  mkdir "$folder/microhttpd"
  cd "$folder/microhttpd"
  # The folders of the source stand in no string of the library: it is configured by a relative path.
  ../source/libmicrohttpd/tree/configure ${tools:+"--host=${tools%-}"} --prefix="$folder/prefix" --libdir="$folder/prefix/lib" --disable-shared --enable-static \
    --disable-https --disable-bauth --disable-dauth --disable-postprocessor --disable-messages --disable-httpupgrade --disable-doc \
    --disable-examples --disable-tools --disable-curl --disable-nls --with-threads=posix
  make -C src/include install
  make -C src/microhttpd -j "$(nproc)" install-libLTLIBRARIES
}

fetch_source "$folder" libmicrohttpd libmicrohttpd-dev
build_microhttpd
