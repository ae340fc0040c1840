#!/usr/bin/env bash
# Runs `amlnet check` while an Azure Machine Learning node starts: as the creation or startup script of a compute instance,
# or in the start of a cluster's node. Prints one line with the verdict, and ends with status 0 whatever happens, in a
# bounded time. Needs no network and nothing but amlnet itself: it takes, first wins, $AMLNET_BINARY, the amlnet beside this
# script, one in a folder amlnet of the mounted file share, one in PATH. Where nodes of both kinds share a folder, amlnet-x86_64 and
# amlnet-aarch64 go before amlnet.
#
#   AMLNET_GATE=1        the status is 1 for any other status of the check than 0: the node's start may stop on it
#   AMLNET_BUDGET=180    seconds that the script takes at most
#   AMLNET_WAIT=2m       how long the check repeats what fails; less than the budget
#   AMLNET_UPLOAD=URL    a blob container that a bundle of each start goes to, redacted by AMLNET_REDACT: by the SAS in the URL, or by
#                        the compute's identity. What cannot be sent stays, and goes with a later start
#   AMLNET_REPORTS=DIR   where the last ten reports (and bundles) are kept [/var/log/amlnet, as an ordinary user ~/.local/state/amlnet/start]
#
# Further arguments go to `amlnet check`; all its AMLNET_ variables hold, too.
set -u
umask 077
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" 2>/dev/null && pwd)
gate=${AMLNET_GATE:-0}
budget=${AMLNET_BUDGET:-180}
kept=10

end() {  # STATUS LINE
  printf '%s\n' "$2"
  [ "$gate" = 1 ] && [ "$1" != 0 ] && exit 1
  exit 0
}

case $budget in
  '' | *[!0-9]* | ??????*) end 2 "amlnet: NOT RUN: AMLNET_BUDGET: expected a number of seconds such as 180, got \"$budget\"" ;;
esac
budget=$((10#$budget))  # bash takes 090 for octal

find_binary() {
  local folder candidate
  if [ -n "${AMLNET_BINARY:-}" ]; then
    [ -f "$AMLNET_BINARY" ] && printf '%s\n' "$AMLNET_BINARY"
    return
  fi
  for folder in "$here" "$here/.." /home/azureuser/cloudfiles/code/amlnet /home/azureuser/cloudfiles/code/Users/*/amlnet \
                /mnt/batch/tasks/shared/LS_root/mounts/clusters/*/code/amlnet \
                /mnt/batch/tasks/shared/LS_root/mounts/clusters/*/code/Users/*/amlnet; do
    for candidate in "$folder/amlnet-$(uname -m)" "$folder/amlnet"; do
      if [ -f "$candidate" ]; then printf '%s\n' "$candidate"; return 0; fi
    done
  done
  command -v amlnet
}

prepare_reports() {
  local state=${XDG_STATE_HOME:-${HOME:-/root}/.local/state} folder
  if [ -n "${AMLNET_REPORTS:-}" ]; then folder=$AMLNET_REPORTS
  elif [ "$(id -u)" = 0 ]; then folder=/var/log/amlnet
  else folder=$state/amlnet/start
  fi
  mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] && printf '%s\n' "$folder"
}

# The names begin with the time, so that the oldest come first.
remove_oldest() {  # FOLDER
  local reports=("$1"/start-*.json) index
  for ((index = 0; index < ${#reports[@]} - kept; ++index)); do
    rm -f -- "${reports[index]}" "${reports[index]%.json}".{txt,tar.gz,sent}
  done
}

# A copy on the local disk: a share may be mounted without the right to execute, and may be gone while the check runs.
local_copy() {  # BINARY FOLDER
  if cp -- "$1" "$2/amlnet" 2>/dev/null && chmod 700 "$2/amlnet" && "$2/amlnet" --version >/dev/null 2>&1; then
    printf '%s\n' "$2/amlnet"
  else
    printf '%s\n' "$1"
  fi
}

leave() {  # STATUS LINE
  printf '%s %s\n' "$1" "$2" > "$folder/verdict.new"
  mv "$folder/verdict.new" "$folder/verdict"
}

# Packs the report of this start, then sends it and what earlier starts could not, the newest first. Prints what became of it.
send_bundles() {  # BINARY REPORTS REPORT SECONDS
  local binary=$1 until=$((SECONDS + $4)) bundles index left
  if ! env -u AMLNET_UPLOAD timeout --kill-after=5 "$4" "$binary" bundle --report "$3.json" --output "$3.tar.gz" --quiet 2> "$folder/upload"
  then echo " upload=failed ($(head -n 1 "$folder/upload" | cut -c1-300))"; return; fi
  bundles=("$2"/start-*.tar.gz)
  for ((index = ${#bundles[@]} - 1; index >= 0; --index)); do
    left=$((until - SECONDS))
    [ -e "${bundles[index]%.tar.gz}.sent" ] && continue
    if [ "$left" -lt 2 ] || ! env -u AMLNET_OUTPUT -u AMLNET_REDACT timeout --kill-after=5 "$left" "$binary" bundle \
        --report "${bundles[index]}" --quiet 2> "$folder/upload"; then
      echo " upload=failed ($(tail -n 1 "$folder/upload" | sed 's/^amlnet: //; s/^not uploaded to [^ ]*: //; s/\. The bundle is kept.*//' | cut -c1-300))"
      return
    fi
    : > "${bundles[index]%.tar.gz}.sent"
  done
  echo " upload=done"
}

# All that may hang, on a share that does not answer for instance. Leaves status and line in a file.
work() {  # ARGUMENTS OF CHECK...
  local binary reports name status=0 line waited sent="" limit=$((budget > 10 ? budget - 10 : 1))
  [ -z "${AMLNET_UPLOAD:-}" ] || limit=$((limit > 100 ? limit - 40 : (limit + 1) * 2 / 3))
  if ! binary=$(find_binary); then
    leave 2 "amlnet: NOT RUN: no amlnet beside $here, in the file share or in PATH; AMLNET_BINARY=FILE names one"
    return
  fi
  if ! reports=$(prepare_reports); then
    leave 4 "amlnet: NOT RUN: cannot write to ${AMLNET_REPORTS:-the folder of reports}; AMLNET_REPORTS=DIR names another"
    return
  fi
  binary=$(local_copy "$binary" "$folder")
  name=$reports/start-$(date -u +%Y%m%dT%H%M%S.%NZ)
  AMLNET_WAIT=${AMLNET_WAIT:-2m} HOME=${HOME:-/root} timeout --signal=TERM --kill-after=5 "$limit" \
    "$binary" check --color never --progress never --format json --output "$name.json" --format human --output "$name.txt" \
    "$@" > /dev/null 2> "$folder/errors" || status=$?
  line=$(grep '^amlnet: ' "$name.txt" 2>/dev/null | tail -n 1)
  if [ -n "$line" ] && [ -s "$name.json" ]; then
    waited=$(sed -n 's/^amlnet: \(waited .*\)/ (\1)/p' "$folder/errors" | tail -n 1 | cut -c1-300)
    [ -z "${AMLNET_UPLOAD:-}" ] || sent=$(send_bundles "$binary" "$reports" "$name" "$((budget > SECONDS + 7 ? budget - SECONDS - 7 : 1))")
    line="${line% report=*} status=$status$waited$sent report=$name.json"
  else
    line="amlnet: NO REPORT status=$status: $(head -n 1 "$folder/errors" | cut -c1-300)"
  fi
  remove_oldest "$reports"
  leave "$status" "$line"
}

folder=$(mktemp -d 2>/dev/null) || end 4 "amlnet: NOT RUN: no folder for temporary files"
work "$@" > /dev/null 2>&1 < /dev/null &
worker=$!
sleep "$budget" > /dev/null 2>&1 &
limit=$!
wait -n "$worker" "$limit" 2>/dev/null
kill "$limit" 2>/dev/null
if [ -e "$folder/verdict" ]; then
  read -r status line < "$folder/verdict"
  rm -rf "$folder"
  end "$status" "$line"
fi
# The folder is left to the process that did not end.
end 4 "amlnet: NO REPORT: not finished after $budget s (a file share that does not answer?)"
