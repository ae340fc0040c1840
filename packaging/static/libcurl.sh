#!/usr/bin/env bash
# Builds a small static libcurl from Debian's source package: HTTP only, with c-ares and the OpenSSL of
# openssl.sh. Debian's own libcurl.a wants some thirty libraries, and its resolver is getaddrinfo in a thread. Run by build.sh.
#   CFLAGS=... libcurl.sh FOLDER [ARGUMENTS OF CMAKE]       makes FOLDER/{source/curl,curl,prefix} with FOLDER/openssl
set -euo pipefail
folder=$1
shift
. "$(dirname "$0")/source.sh"
source=$folder/source/curl/tree

build_curl() {  # ARGUMENTS OF CMAKE...
  local off=() name
  for name in BUILD_SHARED_LIBS BUILD_CURL_EXE BUILD_TESTING ENABLE_MANUAL CURL_USE_LIBSSH2 CURL_USE_LIBPSL CURL_ZLIB \
              CURL_BROTLI CURL_ZSTD USE_NGHTTP2 USE_LIBIDN2 CURL_USE_GSSAPI; do
    off+=("-D$name=OFF")
  done
  rm -rf "$folder/curl" "$folder/prefix"
  # No trust store of its own: probes/trust finds the node's when it runs.
  cmake -S "$source" -B "$folder/curl" -G Ninja "$@" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_INSTALL_PREFIX=$folder/prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib "-DCMAKE_C_FLAGS=$CFLAGS" -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG \
    -DHTTP_ONLY=ON -DENABLE_ARES=ON -DCURL_USE_OPENSSL=ON "${openssl[@]}" \
    "-DCARES_LIBRARY=$archives/libcares.a" "${off[@]}" \
    -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_ALTSVC=ON \
    -DCURL_DISABLE_HSTS=ON -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none
  cmake --build "$folder/curl"
  cmake --install "$folder/curl"
}

use_own_openssl "$folder"
fetch_source "$folder" curl libcurl4-openssl-dev
build_curl "$@"
