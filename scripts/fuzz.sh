#!/usr/bin/env bash
# Every fuzz target for a while, two side by side: what it was given (f.Add, testdata/fuzz), what earlier runs found
# (.tools/fuzz), and what is new. A find that breaks a promise is kept in testdata/fuzz of its package, as a seed that every
# later `go test` tries: reduce it if it can be, mend the fault, commit both together.
# A line for each target tells how often it ran and what it found; what it said is kept in .tools/log/fuzz/.
# Exits non-zero when any target failed.
#
#   scripts/fuzz.sh                             all targets, 30 seconds each
#   FUZZTIME=10m FUZZ='Restore|ledger' scripts/fuzz.sh
#                                               these only (a pattern of "package Target"), longer
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

each=${FUZZTIME:-30s}
pattern=${FUZZ:-.}
# Only what is ours is watched: an instrumented database makes every run a hundred times slower and finds nothing of ours.
# The parser of YAML reads all our text files, and what it makes of them depends on its ways.
watched=(-gcflags='vez/...=-d=libfuzzer' -gcflags='github.com/goccy/go-yaml/...=-d=libfuzzer')

top=$PWD
bins=$top/.tools/fuzz/bin kept=$top/.tools/fuzz/kept logs=$top/.tools/log/fuzz
mkdir -p "$bins" "$kept" "$logs"
rm -f "$logs"/*
# Temporary ledgers go where writing to disk costs nothing, and with this run.
scratch=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/vez-fuzz-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch
began=$SECONDS

# seconds TIME: 30s, 10m and 2h as seconds.
seconds() {
  case $1 in
    *h) echo $((${1%h} * 3600)) ;;
    *m) echo $((${1%m} * 60)) ;;
    *) echo "${1%s}" ;;
  esac
}
patience=$(($(seconds "$each") + 120))
# Each find is made smaller before it is kept; in a short run not for long.
smaller=200ms
[ "$(seconds "$each")" -lt 120 ] || smaller=5s

# targets: "package Target", one a line.
targets() {
  git ls-files --cached --others --exclude-standard '*_test.go' | xargs -r grep -noE '^func Fuzz[A-Za-z0-9_]*' /dev/null |
    sed -E 's|^(.*)/[^/]*:[0-9]+:func |\1 |' | sort -u | grep -E "$pattern" || true
}

# build PACKAGE: its test program, once for all its targets.
build() {
  local log=$logs/build-${1//\//_}.log
  go test -c -vet=off "${watched[@]}" -o "$bins/${1//\//_}.test" "./$1" >"$log" 2>&1 && rm -f "$log" && return
  printf '[%s] %s does not build\n' "$(clock $((SECONDS - began)))" "$1"
  sed 's/^/    /' "$log"
  return 1
}

# run PACKAGE TARGET: fuzzes one target and tells of it.
run() {
  local log=$logs/${1//\//_}-$2.log status=0 said runs new kept_now start=$SECONDS
  (cd "$1" && timeout --signal=INT --kill-after=10 "$patience" "$bins/${1//\//_}.test" -test.run='^$' -test.fuzz="^$2\$" \
    -test.fuzztime="$each" -test.fuzzminimizetime="$smaller" -test.parallel=1 -test.fuzzcachedir="$kept/$1") >"$log" 2>&1 </dev/null || status=$?
  said=$(sed -nE 's/.*elapsed: .*execs: ([0-9]+).*new interesting: ([0-9]+) \(total: ([0-9]+)\).*/\1 \2 \3/p' "$log" | tail -n 1)
  # Time that is up while a find is made smaller is told as a failure, which it is not.
  if [ "$status" = 1 ] && grep -q '^    context deadline exceeded$' "$log" && ! grep -qE 'Failing input|panic:|_test\.go:' "$log"; then
    status=0
  fi
  if [ "$status" = 0 ] && [ -n "$said" ]; then
    read -r runs new kept_now <<<"$said"
    printf '[%s] %-22s %-28s %9d runs, %6d/s, %4d new of %d\n' "$(clock $((SECONDS - began)))" "$1" "$2" \
      "$runs" "$((runs / (SECONDS > start ? SECONDS - start : 1)))" "$new" "$kept_now"
    return 0
  fi
  printf '[%s] %-22s %-28s FAILED (%s)\n' "$(clock $((SECONDS - began)))" "$1" "$2" "${log#"$top/"}"
  tail -n 60 "$log" | cut -c1-400 | sed 's/^/    /'
  return 1
}

all=$(targets)
[ -n "$all" ] || { warn "no fuzz target fits $pattern"; exit 2; }
say "$(wc -l <<<"$all") targets in $(cut -d' ' -f1 <<<"$all" | sort -u | wc -l) packages, $each each, two side by side"
abreast 2 build < <(cut -d' ' -f1 <<<"$all" | sort -u) || exit 1
say "[$(clock $((SECONDS - began)))] built"
abreast 2 run <<<"$all"
