#!/usr/bin/env bash
# Measures: first the benchmarks beside the code, then `vez bench`, which compares the running program with the ratios it
# promises. Arguments go to `vez bench`. Do nothing else on the machine meanwhile.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

say "== go benchmarks"
packages=$(git grep -l --untracked '^func Benchmark' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|' || true)
# shellcheck disable=SC2086 # a list of packages
[ -z "$packages" ] || go test -run='^$' -bench=. -benchmem -p=1 $packages
say "== vez bench"
exec bin/vez bench "$@"
