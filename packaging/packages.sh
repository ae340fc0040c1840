# Sourced by packaging/run.sh and tests/run.sh.

# install_missing LIST...: installs those packages of the lists that are missing, and says which. Says nothing and needs
# no privilege where none is. Servers that come with a package are not started.
install_missing() {
  local package missing=() sudo=() policy=/usr/sbin/policy-rc.d
  for package in $(sed 's/#.*//' "$@"); do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "These packages of Debian are missing, and there is no apt-get to install them: ${missing[*]}" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Run as root, or install first: ${missing[*]}" >&2
      return 1
    fi
    sudo=(sudo)
  fi
  echo "Installing packages: ${missing[*]}"
  # The policy file keeps the package scripts from starting servers; one that is there already is the machine's own.
  "${sudo[@]}" sh -es -- "$policy" "${missing[@]}" <<'ROOT'
policy=$1; shift
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
quietly() { said=$("$@" 2>&1 </dev/null) || { printf '%s\n' "$said" >&2; exit 1; }; }
quietly apt-get update -qq
quietly apt-get install -y -qq --no-install-recommends "$@"
ROOT
}
