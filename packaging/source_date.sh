#!/bin/sh
# The time that everything made from these sources carries, in seconds since 1970: the last commit's; outside a clone, the
# changelog's.
cd "$(dirname "$0")/.." || exit 1
git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md
