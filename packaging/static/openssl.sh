#!/usr/bin/env bash
# Builds a small static OpenSSL from Debian's source package: what a TLS client and X.509 need, at Debian's level of security.
# Half the size of Debian's own archives, and the linker can leave out what nobody calls. Run by build.sh.
#   CFLAGS=... openssl.sh FOLDER       makes FOLDER/{source/openssl,openssl}, for the architecture that build.sh has chosen
set -euo pipefail
folder=$1
. "$(dirname "$0")/source.sh"

# Ciphers and formats that no service and no certificate has, servers of all kinds, and what loads modules.
left_out="aria async autoload-config bf blake2 camellia capieng cast cmp cms comp ct dgram dtls ec2m engine filenames gost idea legacy md4
  mdc2 module multiblock nextprotoneg ocb psk rc2 rc4 rc5 rfc3779 rmd160 scrypt seed siphash siv sm2 sm3 sm4 srp srtp ssl3
  ssl-trace tests ts ui-console whirlpool"

build_openssl() {
  local name off=()
  for name in $left_out; do off+=("no-$name"); done
  cd "$folder/source/openssl/tree"
  # The texts "compiler: ..." and "built on: ..." become part of the library: no mapping of paths, which are relative, and the time
  # of the source package, which is not built again with every commit.
  SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --show-field Timestamp)
  export SOURCE_DATE_EPOCH
  CFLAGS="-DOPENSSL_TLS_SECURITY_LEVEL=2 -Wa,--noexecstack $CFLAGS" ./Configure "$openssl_target" no-shared no-makedepend \
    ${tools:+"--cross-compile-prefix=$tools"} enable-ec_nistp_64_gcc_128 --prefix=/usr --libdir=lib --openssldir=/usr/lib/ssl "${off[@]}"
  make -j "$(nproc)" build_generated libcrypto.a libssl.a
  rm -rf "$folder/openssl"
  make install_dev DESTDIR="$folder/openssl"
}

fetch_source "$folder" openssl libssl-dev
build_openssl
