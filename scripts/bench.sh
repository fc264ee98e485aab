#!/usr/bin/env bash
# Measures: `vez bench`, which compares the running program with the ratios it promises, and after it the benchmarks beside
# the code. Arguments go to `vez bench`; with arguments the benchmarks beside the code are left out. Do nothing else on the
# machine meanwhile.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

say "== vez bench"
bin/vez bench "$@"
[ $# -eq 0 ] || exit 0

say "== go benchmarks"
packages=$(git grep -l --untracked '^func Benchmark' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|' || true)
# shellcheck disable=SC2086 # a list of packages
[ -z "$packages" ] || go test -run='^$' -bench=. -benchtime=200ms -benchmem -p=1 $packages
