#!/bin/sh
# Checks every node by ClusterShell and merges what they found: a folder with a report of each node, and the page of all.
#   check.sh FOLDER NODES [ARGUMENTS OF amlnet check]       check.sh reports 'n[1-64]' --wait 30s
# amlnet must be in PATH here and there; AMLNET_BINARY=FILE names another, AMLNET_CLUSH further options of clush.
set -u
folder=${1:?usage: check.sh FOLDER NODES [ARGUMENTS OF amlnet check]} nodes=${2:?a node set as n[1-64] is missing}
shift 2
amlnet=${AMLNET_BINARY:-amlnet}
mkdir -p "$folder/reports"
# shellcheck disable=SC2086  # several options
clush ${AMLNET_CLUSH:-} -w "$nodes" -f 64 -u 180 -q --outdir "$folder/reports" \
  "$amlnet check --progress never --fail-on never --format json $*" > /dev/null
"$amlnet" fleet "$folder"/reports/* --color never --format human \
  --format html --output "$folder/fleet.html" --format json --output "$folder/fleet.json"
