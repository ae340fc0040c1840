#!/usr/bin/env bash
# Builds amlnet and its tests, with what they need installed first, and runs them.
#   tests/run.sh [--preset dev|asan] [ARGUMENTS OF CTEST]
# dev: all tests, and the checks of style; what takes long runs by itself: clang-tidy with -L tidy, the packages
# with -L packaging. asan: unit tests, probes and a dozen scenarios of the lab, sanitized.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

case ${1:-} in
  -h | --help) sed -n '2,5{s/^# \{0,1\}//;p}' tests/run.sh; exit 0 ;;
esac
preset=dev
if [ "${1:-}" = --preset ]; then
  preset=${2:?--preset needs dev or asan}
  shift 2
fi
case $preset in
  dev) selection=(--label-exclude 'tidy|packaging') ;;
  asan) selection=(--label-exclude 'style|tidy|packaging|lab-further') ;;
  *) echo "tests/run.sh: no preset $preset; there are dev and asan" >&2; exit 2 ;;
esac

lists=(packaging/packages.txt tests/packages.txt tests/lab/packages.txt)
command -v npm >/dev/null || lists+=(tests/browser/packages.txt)  # npm may have come with another package
install_missing "${lists[@]}"
for modules in browser:node azurite:azurite identity:identity remedy:remedy; do  # folder of tests/ : folder of build/
  from=tests/${modules%:*} to=build/${modules#*:}
  cmp -s "$from/package-lock.json" "$to/package-lock.json" && continue
  rm -rf "$to" && mkdir -p "$to" && cp "$from"/package*.json "$to"
  (cd "$to" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null) || { rm -rf "$to"; exit 1; }
done
configured=$(cmake --preset "$preset" 2>&1 </dev/null) || { printf '%s\n' "$configured" >&2; exit 1; }
cmake --build --preset "$preset" </dev/null
awk -v seconds=$SECONDS 'BEGIN { printf "built after %.1f minutes\n", seconds / 60 }'

for argument in "$@"; do
  case $argument in tidy | packaging) selection=() ;; esac
  [ "$argument" != packaging ] || install_missing tests/packaging/packages.txt
done
export ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1} UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}
exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$(nproc)" \
  "${selection[@]}" "$@" </dev/null
