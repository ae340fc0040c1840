#!/bin/sh
# Slurm's prolog: a node whose network is broken gets no job. In slurm.conf:
#   Prolog=/usr/share/amlnet/examples/slurm/health_check.sh      PrologFlags=Alloc
#   Epilog=/usr/share/amlnet/examples/slurm/health_check.sh
# A status other than 0 drains the node with the reason "Prolog error" or "Epilog error"; the verdict and the last report say why:
#   journalctl -t amlnet        amlnet show /var/lib/amlnet/slurm/amlnet/last.json
# Only a known failure (1) drains: a check that could not be finished or run is logged, and no reason to lose a node.
set -u
export XDG_STATE_HOME=${AMLNET_STATE:-/var/lib/amlnet/slurm} HOME=${HOME:-/root}
mkdir -p "$XDG_STATE_HOME"
# Less than PrologEpilogTimeout and BatchStartTimeout.
line=$(timeout 60 "${AMLNET_BINARY:-amlnet}" check --deadline 30s --color never --progress never 2>&1 | tail -n 1)
logger -t amlnet -- "${SLURM_JOB_ID:-no job} ${SLURMD_NODENAME:-}: $line" 2>/dev/null
case $line in
  'amlnet: FAIL '*) exit 1 ;;
esac
exit 0
