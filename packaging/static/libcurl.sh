#!/usr/bin/env bash
# Builds a small static libcurl from Debian's source package: HTTP only, with c-ares and OpenSSL. Debian's own libcurl.a wants
# some thirty libraries, and its resolver is getaddrinfo in a thread. Run by build.sh.
#   CFLAGS=... libcurl.sh FOLDER       makes FOLDER/{source/curl,curl,prefix}
set -euo pipefail
folder=$1
source=$folder/source
archives=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)

# A private set of apt lists: needs no root and leaves the machine's sources as they are.
private_apt() {
  apt-get -qq -o "Dir::Etc::sourcelist=$source/deb-src.list" -o "Dir::Etc::sourceparts=$source/deb-src.d" \
    -o "Dir::State::lists=$source/lists" -o "Dir::Cache=$source/cache" -o APT::Sandbox::User= "$@"
}

# The machine's own sources, asked for source packages.
write_source_lists() {
  local file
  mkdir -p "$source/lists/partial" "$source/cache/archives/partial" "$source/deb-src.d"
  : > "$source/deb-src.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $file in
      *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" > "$source/deb-src.d/${file##*/}" ;;
      *.list) if [ -e "$file" ]; then sed -n 's/^deb /deb-src /p' "$file" >> "$source/deb-src.list"; fi ;;
    esac
  done
}

# The version that the dynamic build links, or the newest where the archive has that one no more.
fetch() {
  local version
  version=$(dpkg-query -W -f '${source:Version}' libcurl4-openssl-dev)
  rm -rf "$source"
  mkdir -p "$source"
  write_source_lists
  private_apt update
  cd "$source"
  private_apt source --download-only "curl=$version" || private_apt source --download-only curl
  dpkg-source --extract curl_*.dsc curl
}

build_curl() {
  local off=() name
  for name in BUILD_SHARED_LIBS BUILD_CURL_EXE BUILD_TESTING ENABLE_MANUAL CURL_USE_LIBSSH2 CURL_USE_LIBPSL CURL_ZLIB \
              CURL_BROTLI CURL_ZSTD USE_NGHTTP2 USE_LIBIDN2 CURL_USE_GSSAPI; do
    off+=("-D$name=OFF")
  done
  rm -rf "$folder/curl" "$folder/prefix"
  # No trust store of its own: probes/trust finds the node's when it runs.
  cmake -S "$source/curl" -B "$folder/curl" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_INSTALL_PREFIX=$folder/prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib "-DCMAKE_C_FLAGS=$CFLAGS" -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG \
    -DHTTP_ONLY=ON -DENABLE_ARES=ON -DCURL_USE_OPENSSL=ON -DOPENSSL_USE_STATIC_LIBS=ON \
    "-DCARES_LIBRARY=$archives/libcares.a" "${off[@]}" \
    -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_ALTSVC=ON \
    -DCURL_DISABLE_HSTS=ON -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none
  cmake --build "$folder/curl"
  cmake --install "$folder/curl"
}

fetch
build_curl
