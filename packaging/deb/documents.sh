#!/bin/sh
# Writes the documents that Debian's policy asks of a package: documents.sh VERSION FOLDER.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
documents=$2/share/doc/amlnet
seconds=${SOURCE_DATE_EPOCH:-$("$here/../source_date.sh")}
mkdir -p "$documents" "$2/share/lintian/overrides"
cp "$here/copyright" "$documents/copyright"
gzip -9nc "$here/../../CHANGELOG.md" > "$documents/changelog.gz"
gzip -9n > "$documents/changelog.Debian.gz" <<END
amlnet ($1-1) unstable; urgency=medium

  * See changelog.gz for what has changed.

 -- The amlnet authors <amlnet@users.noreply.github.com>  $(LC_ALL=C date -u -R -d "@$seconds")
END
# There is no Debian bug that a first upload could close.
echo "amlnet: initial-upload-closes-no-bugs" > "$2/share/lintian/overrides/amlnet"
