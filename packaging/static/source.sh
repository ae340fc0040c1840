# Sourced by build.sh, libcurl.sh and openssl.sh: Debian's source packages, fetched without root and without a change to the
# machine's sources.

# A private set of apt lists in FOLDER/apt: the machine's own sources, asked for source packages.
write_source_lists() {  # FOLDER
  local apt=$1/apt file
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/deb-src.d"
  : > "$apt/deb-src.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $file in
      *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" > "$apt/deb-src.d/${file##*/}" ;;
      *.list) if [ -e "$file" ]; then sed -n 's/^deb /deb-src /p' "$file" >> "$apt/deb-src.list"; fi ;;
    esac
  done
}

private_apt() {  # FOLDER PROGRAM ARGUMENTS...
  local apt=$1/apt program=$2
  shift 2
  "$program" -qq -o "Dir::Etc::sourcelist=$apt/deb-src.list" -o "Dir::Etc::sourceparts=$apt/deb-src.d" \
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User= "$@"
}

# The version that the dynamic build links; where the archive does not give that one, the newest that it does.
source_versions() {  # FOLDER SOURCE PACKAGE
  dpkg-query -W -f '${source:Version}\n' "$3"
  private_apt "$1" apt-cache showsrc --only-source "$2" | sed -n 's/^Version: //p' | sort -rV
}

fetch_source() {  # FOLDER SOURCE PACKAGE: unpacks into FOLDER/source/SOURCE/tree
  local folder=$1 name=$2 version
  rm -rf "$folder/source/$name"
  mkdir -p "$folder/source/$name"
  if [ ! -e "$folder/apt/made" ]; then
    write_source_lists "$folder"
    private_apt "$folder" apt-get update
    touch "$folder/apt/made"
  fi
  cd "$folder/source/$name"
  for version in $(source_versions "$folder" "$name" "$3"); do
    ! private_apt "$folder" apt-get source --download-only "$name=$version" || break
  done
  dpkg-source --extract "$name"_*.dsc tree
}

# What tells CMake to take the OpenSSL that openssl.sh made in FOLDER: sets $openssl.
use_own_openssl() {  # FOLDER
  openssl=(-DOPENSSL_USE_STATIC_LIBS=ON "-DOPENSSL_INCLUDE_DIR=$1/openssl/usr/include"
           "-DOPENSSL_CRYPTO_LIBRARY=$1/openssl/usr/lib/libcrypto.a" "-DOPENSSL_SSL_LIBRARY=$1/openssl/usr/lib/libssl.a")
}
