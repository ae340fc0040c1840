#!/usr/bin/env bash
# The static binary in other releases of Debian, as an ordinary user, with certificates and without: what it finds in a lab must
# be what the dynamic one finds outside. Needs root and, the first time, Debian's archive (2 x 60 MB; kept in build/chroots).
#   tests/packaging/chroots.sh STATIC DYNAMIC [CACHE OF THE LAB]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
static=$(realpath "$1") dynamic=$(realpath "$2") cache=${3:-$root/build/lab}
archive=$(sed -n 's/^URIs: *\(http[^ ]*debian\/*\)$/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)

. "$root/packaging/packages.sh"
install_missing "$here/packages.txt"
status=0
for release in bullseye trixie; do
  folder=$root/build/chroots/$release
  if [ ! -e "$folder/made" ]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    debootstrap --variant=minbase "$release" "$folder/root" ${archive:+"$archive"} > "$folder/log" 2>&1 \
      || { tail -n 20 "$folder/log"; exit 1; }
    touch "$folder/made"
  fi
  echo "Debian $(cat "$folder/root/etc/debian_version")"
  [ ! -e "$folder/root/etc/ssl/certs/ca-certificates.crt" ]
  # The second scenario is that of a node without certificates.
  python3 -B "$here/same_findings.py" --cache "$cache" --jobs 1 --wrapper "$here/in_chroot.sh $folder/root" "$static" "$dynamic" \
    healthy no-trust-store zone-not-linked || status=1
done
exit $status
