#!/usr/bin/env bash
# Writes what a package holds beside the program, all of it from what the program says of itself: manual pages and completions.
#   packaging/extras.sh BINARY FOLDER     makes FOLDER/share/{man,bash-completion,fish,zsh}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
share=$2/share
export LC_ALL=C SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$("$here/source_date.sh")}
version=$("$binary" --version | sed -n '1s/^amlnet //p')
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)

# help2man knows neither -h,--help without a space nor a title of two words.
page() {  # NAME ONE-LINE COMMAND...
  local name=$1 line=$2
  shift 2
  help2man --no-info --name="$line" --version-string="$version" --include="$here/man.h2m" "$*" \
    | sed -e "s/^\.TH .*/.TH ${name^^} 1 $day \"amlnet $version\" \"User Commands\"/" \
          -e '/^\.SH NAME$/{n;s/.* \\- /'"$name"' \\- /}' -e 's/\(\\fB\\-[a-z]\)\\fR,\\-\\-/\1\\fR, \\fB\\-\\-/' \
          -e "s|$binary|amlnet|g" \
    | gzip -9n > "$share/man/man1/$name.1.gz"
}

rm -rf "$share"
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/fish/vendor_completions.d" "$share/zsh/vendor-completions"
page amlnet "why an Azure Machine Learning node cannot reach what it needs" "$binary"
"$binary" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]\+\) \+\(.*\)/\1 \2/p' | while read -r command line; do
  page "amlnet-$command" "${line,}" "$binary" "$command"
done
"$binary" completion bash > "$share/bash-completion/completions/amlnet"
"$binary" completion fish > "$share/fish/vendor_completions.d/amlnet.fish"
"$binary" completion zsh > "$share/zsh/vendor-completions/_amlnet"
