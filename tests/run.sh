#!/usr/bin/env bash
# Builds amlnet and its tests, with what they need installed first, and runs them.
#   tests/run.sh [--preset dev|asan] [ARGUMENTS OF CTEST]
# dev: all tests, and the checks of style; clang-tidy takes long and runs by itself, with -L tidy. asan: unit tests, probes and a dozen scenarios of the lab, sanitized.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

preset=dev
if [ "${1:-}" = --preset ]; then
  preset=${2:?--preset needs dev or asan}
  shift 2
fi
case $preset in
  dev) selection=(--label-exclude tidy) ;;
  asan) selection=(--label-exclude 'style|tidy|lab-further') ;;
  *) echo "tests/run.sh: no preset $preset; there are dev and asan" >&2; exit 2 ;;
esac

command -v npm >/dev/null || install_missing tests/azurite/packages.txt
if [ tests/azurite/package-lock.json -nt tests/azurite/node_modules/.package-lock.json ]; then
  npm ci --prefix tests/azurite --ignore-scripts --no-audit --no-fund --silent </dev/null
fi
install_missing packaging/packages.txt tests/packages.txt tests/lab/packages.txt
configured=$(cmake --preset "$preset" 2>&1 </dev/null) || { printf '%s\n' "$configured" >&2; exit 1; }
cmake --build --preset "$preset" </dev/null
awk -v seconds=$SECONDS 'BEGIN { printf "built after %.1f minutes\n", seconds / 60 }'

for argument in "$@"; do
  [ "$argument" != tidy ] || selection=()
done
export ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1} UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}
exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$(nproc)" \
  "${selection[@]}" "$@" </dev/null
