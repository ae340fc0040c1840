#!/bin/sh
# Checks the network of every node of a job, one process a node, and merges what they found on the first one.
#   check_nodes.sh FOLDER [ARGUMENTS OF amlnet check]     FOLDER is shared by all nodes: an output of the job
# Started once by a command job, or on each node by MPI (process_count_per_instance: 1). The status is 0 whatever was found: one
# process that fails would end the others of an MPI job. With AMLNET_GATE=1 the first one ends with 1 where a node's network is
# broken or a report is missing.
#   AMLNET_BINARY=FILE   [amlnet beside this script, else in PATH]
#   AMLNET_PATIENCE=120  seconds that the first process waits for the reports of the others
set -u
folder=${1:?usage: check_nodes.sh FOLDER [ARGUMENTS OF amlnet check]}
shift
here=$(cd "$(dirname "$0")" && pwd)
amlnet=${AMLNET_BINARY:-$here/amlnet}
[ -x "$amlnet" ] || amlnet=amlnet
rank=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}
nodes=${OMPI_COMM_WORLD_SIZE:-${PMI_SIZE:-1}}
patience=${AMLNET_PATIENCE:-120}

mkdir -p "$folder"
report=$folder/report-$rank.json
rm -f "$report"
# A report is there whole or not at all. Its verdict goes to the log of this process.
"$amlnet" check --color never --progress never --format human --format json --output "$report" "$@" | tail -n 1
[ "$rank" = 0 ] || exit 0

# From here on the first process only.
arrived() { find "$folder" -name 'report-*.json' | wc -l; }
waited=0
while [ "$(arrived)" -lt "$nodes" ] && [ "$waited" -lt "$patience" ]; do
  sleep 1
  waited=$((waited + 1))
done
"$amlnet" fleet "$folder"/report-*.json --color never --format human \
  --format html --output "$folder/fleet.html" --format json --output "$folder/fleet.json"
missing=$((nodes - $(arrived)))
[ "$missing" = 0 ] || echo "check_nodes.sh: $missing of $nodes nodes left no report"
[ "${AMLNET_GATE:-0}" = 1 ] || exit 0
[ "$missing" = 0 ] && "$amlnet" fleet "$folder"/report-*.json --color never | grep -q '^amlnet: FLEET .* fail=0 '
