#!/usr/bin/env bash
# Every test, in stages, on a fresh machine. One progress line a stage; what a stage said is shown when it fails and kept in
# .tools/log/. Stages go on after a failure, so that one run tells everything; only what cannot go on without the build
# stops. The last lines are those of `go test` for each package. Exits non-zero when any stage failed.
#
#   scripts/test.sh               all stages
#   scripts/test.sh lint race     these only
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

logs=.tools/log
mkdir -p "$logs"
rm -f "$logs"/*.log
began=$SECONDS
failed=''

# Fonts, PostgreSQL, Redis or a mail server that a test cannot find are a failure here, not a reason to skip.
export VEZ_REQUIRE_FONTS=1 VEZ_REQUIRE_POSTGRES=1 VEZ_REQUIRE_REDIS=1 VEZ_REQUIRE_SMTP=1
# Real print servers run in a network of their own, which only root may make.
[ "$(id -u)" != 0 ] || export VEZ_REQUIRE_IPP=1

# stage NAME WHAT COMMAND...: runs one stage and reports it. Returns 1 when it failed.
stage() {
  local name=$1 what=$2 start=$SECONDS log=$logs/$1.log
  shift 2
  printf '[%s] %-8s %s ...\n' "$(clock $((start - began)))" "$name" "$what"
  if "$@" >"$log" 2>&1 </dev/null; then
    printf '[%s] %-8s ok, %s s\n' "$(clock $((SECONDS - began)))" "$name" "$((SECONDS - start))"
    return 0
  fi
  failed="$failed $name"
  # These showed their lines as they came.
  case $name in browser | fuzz | paper | race | seeds) ;; *) tail -n 200 "$log" | sed 's/^/    /' ;; esac
  printf '[%s] %-8s FAILED after %s s (%s)\n' "$(clock $((SECONDS - began)))" "$name" "$((SECONDS - start))" "$log"
  return 1
}

go_files() { git ls-files --cached --others --exclude-standard '*.go'; }

# tagged TAG: the packages with files built for this tag only, one a line.
tagged() {
  go_files | xargs -r grep -lE "^//go:build .*\b$1\b" /dev/null | xargs -r -n1 dirname | sort -u | sed 's|^|./|'
}

format() {
  local wrong
  wrong=$(go_files | xargs -r gofmt -l)
  [ -z "$wrong" ] || { say "not formatted (make fmt):" "$wrong"; return 1; }
}

vet() { go vet ./... && go vet -tags=browser,paper ./...; }

build() { mkdir -p bin && go build ./... && go build -o bin/vez ./cmd/vez; }

# both passes lines on to the log and, at once, to whoever watches.
both() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line"
    printf '%s\n' "$line" >&3
  done
}

# Two packages at a time: their tests start databases and servers of their own.
race() { go test -race -count=1 -p=2 -timeout=25m ./... | grep --line-buffered -v 'no test files' | both; }

# tests TAG PACKAGE: the tests of the files built for this tag only, as a pattern. The others have their turn under the race detector.
tests() {
  go_files | grep -E "^${2#./}/[^/]*_test\.go$" | xargs -r grep -lE "^//go:build .*\b$1\b" /dev/null |
    xargs -r sed -nE 's/^func (Test[A-Za-z0-9_]*)\(.*/\1/p' | sort -u | paste -sd'|'
}

# tagged_tests TAG PACKAGE: its tests with the tag, told when it is through.
tagged_tests() {
  local only=. said status=0
  # The program's long suites are the race stage's; a tag of paper makes the other tests of its package longer.
  [ "$1" != browser ] || only="^($(tests "$1" "$2"))\$"
  said=$(go test -tags="$1" -count=1 -timeout=25m -run="$only" "$2" 2>&1) || status=1
  both <<<"$said"
  return "$status"
}

# with_tag TAG: two packages at a time, for much of it is waiting.
with_tag() {
  local packages
  packages=$(tagged "$1")
  [ -n "$packages" ] || { say "    no file is built for the tag $1" | both; return 0; }
  abreast 2 tagged_tests "$1" <<<"$packages"
}

fuzz() { scripts/fuzz.sh 2>&1 | both; }

# The simulation on seeds that nobody has seen: each state of the code has its own, so that the next change is tried on
# others, and a second run of the same on the same. Where git does not know it, the time says where they begin.
seeds() {
  local from
  from=$(git rev-parse --short=12 'HEAD^{tree}' 2>/dev/null) && from=$((16#$from)) || from=$(date +%s%3N)
  go test -count=1 -v -timeout=10m -run '^TestSimulation$' ./hall/simtest \
    -sim.for=180s -sim.seeds=1000000 -sim.from="$from" | grep --line-buffered -vE '^(=== RUN|    --- PASS)' | both
}

wanted() { [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }

# maybe NAME ...: a stage whose failure does not stop the others.
maybe() { ! wanted "$1" || stage "$@" || true; }

only=("$@")
exec 3>&1
for name in "${only[@]}"; do
  grep -qE "\b(maybe|stage) $name \"" scripts/test.sh || { warn "no such stage: $name"; exit 2; }
done

! wanted tools || stage tools "Debian packages, axe-core" scripts/tools.sh || exit 1
maybe fonts "fonts of paper and boards" scripts/fonts.sh
maybe format "gofmt" format
! wanted build || stage build "every package, bin/vez" build || exit 1
maybe vet "go vet, with and without tags" vet
maybe linter "golangci-lint $GOLANGCI_LINT_VERSION, from source when missing" scripts/lint.sh --install-only
maybe lint "golangci-lint" scripts/lint.sh
maybe fuzz "every fuzz target, ${FUZZTIME:-30s} each" fuzz
maybe seeds "the simulation, three minutes of new seeds" seeds
maybe browser "pages in a real browser" with_tag browser
maybe paper "slips, printed and read back" with_tag paper
maybe race "every package under the race detector" race

# The closing lines: go test's own, one a package.
say ""
for log in browser paper race; do
  [ ! -f "$logs/$log.log" ] || grep -E '^(ok|FAIL|---? FAIL|panic:)' "$logs/$log.log" || true
done
if [ -n "$failed" ]; then
  say "FAILED:$failed, after $(clock $((SECONDS - began)))"
  exit 1
fi
say "all stages passed in $(clock $((SECONDS - began)))"
