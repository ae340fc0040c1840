#!/usr/bin/env bash
# Builds the static binary again, in another folder and without a compiler cache, and compares it byte for byte.
#   tests/packaging/reproducible.sh [--arch arm64]      after packaging/static/build.sh with the same arguments
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
other=$(mktemp -d)
trap 'rm -rf "$other"' EXIT
mkdir "$other/a-copy"
(cd "$root" && tar -c --exclude=./build --exclude=./.git .) | tar -C "$other/a-copy" -x
export CCACHE_DISABLE=1
folder=build/static
[ "${2:-amd64}" = amd64 ] || folder=$folder-$2
SOURCE_DATE_EPOCH=$("$root/packaging/source_date.sh") "$other/a-copy/packaging/static/build.sh" "$@"
for file in amlnet sbom.spdx.json LICENSES.txt; do
  cmp "$root/$folder/$file" "$other/a-copy/$folder/$file"
done
echo "the same bytes: $(sha256sum < "$root/$folder/amlnet")"
