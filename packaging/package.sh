#!/usr/bin/env bash
# Makes the packages in build/package:
#   amlnet_VERSION-1_ARCHITECTURE.deb     for this release of Debian, linked with its libraries
#   amlnet-VERSION-linux-x86_64.tar.gz    for any Linux: the static binary, with an installer that needs no network
#   packaging/package.sh [deb|tarball]    one of them
#   packaging/package.sh tarball-arm64    amlnet-VERSION-linux-aarch64.tar.gz, the same for arm64
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/package
. "$root/packaging/packages.sh"
export LC_ALL=C SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$("$root/packaging/source_date.sh")}
umask 022

quietly() {  # COMMAND...: its output only if it fails
  local said
  said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

make_deb() {
  local flags link
  flags=$(DEB_BUILD_MAINT_OPTIONS='hardening=+all' dpkg-buildflags --get CXXFLAGS | sed 's/-g //; s/-ffile-prefix-map=[^ ]*//')
  flags+=" $(DEB_BUILD_MAINT_OPTIONS='hardening=+all' dpkg-buildflags --get CPPFLAGS) -ffile-prefix-map=$root/="
  link=$(DEB_BUILD_MAINT_OPTIONS='hardening=+all' dpkg-buildflags --get LDFLAGS)
  quietly cmake -S "$root" -B "$build/deb" -G Ninja -DCMAKE_BUILD_TYPE=Release -DAMLNET_TESTS=OFF -DAMLNET_PACKAGE=ON \
    -DCMAKE_INSTALL_PREFIX=/usr "-DCMAKE_CXX_FLAGS=$flags" -DCMAKE_CXX_FLAGS_RELEASE=-DNDEBUG "-DCMAKE_EXE_LINKER_FLAGS=$link"
  quietly cmake --build "$build/deb" --target amlnet extras
  rm -f "$build"/*.deb
  (cd "$build/deb" && quietly cpack -G DEB -B "$build/made")
  mv "$build"/made/*.deb "$build/"
  rm -rf "$build/made"
}

make_tarball() {  # ARCHITECTURE MACHINE FOLDER PROGRAM: what build.sh makes of it there, and how that is run here
  local version name tree from=$root/build/$3
  "$root/packaging/static/build.sh" --arch "$1"
  version=$("$from/$4" --version | sed -n '1s/^amlnet //p')
  name=amlnet-$version-linux-$2
  tree=$build/$name
  rm -rf "$tree" "$build"/amlnet-*-linux-"$2".tar.gz
  mkdir -p "$tree"
  "$root/packaging/extras.sh" "$from/$4" "$tree"
  install -m 755 "$from/amlnet" "$root/packaging/tarball/install.sh" "$root/packaging/azureml/setup.sh" "$tree"
  install -m 644 "$from/LICENSES.txt" "$from/sbom.spdx.json" "$root/README.md" "$root/CHANGELOG.md" "$tree"
  install -Dm 644 -t "$tree/systemd" "$root"/packaging/systemd/*
  install -Dm 644 -t "$tree/share/amlnet" "$root"/reports/schema/*.json
  install -Dm 644 -t "$tree/share/amlnet/catalog" "$root/agent/catalog/catalog.json"
  install -Dm 644 -t "$tree/share/amlnet/catalog/coverage" "$root"/agent/catalog/coverage/*.json
  cp -r "$root/packaging/examples" "$tree/share/amlnet/"
  tar -C "$build" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+w,go-w --mtime="@$SOURCE_DATE_EPOCH" -c "$name" \
    | gzip -9n > "$build/$name.tar.gz"
  rm -rf "$tree"
}

case ${1:-} in
  '' | deb | tarball | tarball-arm64) ;;
  *) echo "packaging/package.sh: expected deb, tarball or tarball-arm64, got \"$1\"" >&2; exit 2 ;;
esac
install_missing "$root/packaging/packages.txt" "$root/packaging/deb/packages.txt" >&2
mkdir -p "$build"
case ${1:-} in '' | deb) make_deb ;; esac
case ${1:-} in '' | tarball) make_tarball amd64 x86_64 static amlnet ;; esac
case ${1:-} in tarball-arm64) make_tarball arm64 aarch64 static-arm64 emulated/amlnet ;; esac
find "$build" -maxdepth 1 \( -name '*.deb' -o -name '*.tar.gz' \) | sort
