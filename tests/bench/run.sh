#!/bin/sh
# Measures amlnet against its peers, cases A to H, in a network namespace of its own. Needs root. Prints one Markdown
# table; the exit status is 1 when a target is missed.
#   tests/bench/run.sh [--binary PATH] [--cases ABC] [--runs 5] [--output FILE]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

if [ "${1:-}" = --help ]; then sed -n '2,4s/^# \{0,3\}//p' "$0"; exit 0; fi
if [ "$(id -u)" != 0 ]; then echo "the bench makes a network namespace: run it as root" >&2; exit 2; fi

missing=
for package in prometheus-blackbox-exporter curl openssl libssl-dev gcc unbound nginx-light haproxy nftables iproute2 \
               time python3; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "installing$missing" >&2
  ours=
  policy=/usr/sbin/policy-rc.d  # keeps what is installed from being started
  if [ ! -e "$policy" ]; then
    ours=1
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
  fi
  apt-get update -qq >&2
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
  if [ -n "$ours" ]; then rm -f "$policy"; trap - EXIT; fi
fi

binary=
rest=
while [ $# -gt 0 ]; do
  case $1 in
    --binary) binary=$(cd "$(dirname "$2")" && pwd)/$(basename "$2"); shift 2 ;;
    --cases | --runs | --output) rest="$rest $1 $2"; shift 2 ;;
    *) echo "unknown argument: $1 (see --help)" >&2; exit 2 ;;
  esac
done
if [ -z "$binary" ]; then
  binary=$root/build/release/amlnet
  echo "building $binary" >&2
  (cd "$root" && cmake --preset release -DAMLNET_TESTS=OFF > /dev/null && cmake --build --preset release --target amlnet) >&2
fi

name=amlnet-bench-$$
work=$(mktemp -d)
stop() {
  ip netns delete "$name" 2>/dev/null || true
  rm -rf "/etc/netns/$name" "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
for bare in handshakes crowd; do gcc -O2 -o "$work/$bare" "$here/$bare.c" -lssl -lcrypto; done
mkdir -p "/etc/netns/$name"
: > "/etc/netns/$name/resolv.conf"
ip netns add "$name"
ip -n "$name" link set lo up
# shellcheck disable=SC2086
AMLNET_BENCH_NAMESPACE=1 PYTHONDONTWRITEBYTECODE=1 ip netns exec "$name" python3 "$here/bench.py" --binary "$binary" \
  --bare "$work" --resolv-conf "/etc/netns/$name/resolv.conf" $rest
