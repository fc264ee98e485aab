#!/usr/bin/env bash
# The fault suite again and again: every test of e2e/faults_*_test.go, RUNS times in a row (20), each from the start.
# One line a run; what a run that failed said is kept in .tools/log/faults-N.log. Exits non-zero when any run failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

runs=${RUNS:-20}
logs=$PWD/.tools/log
mkdir -p "$logs"
rm -f "$logs"/faults-*.log
# Alone on the machine, a promise of two seconds is two seconds.
export STRICT_TIME=1
export VEZ_REQUIRE_POSTGRES=1 VEZ_REQUIRE_REDIS=1 VEZ_REQUIRE_FONTS=1
program=$(mktemp)
trap 'rm -f "$program"' EXIT
go test -c -o "$program" ./e2e
suite=$(sed -nE 's/^func (Test[A-Za-z0-9_]*)\(.*/\1/p' e2e/faults_*_test.go | paste -sd'|')
failed=0
for run in $(seq "$runs"); do
  start=$SECONDS log=$logs/faults-$run.log
  if (cd e2e && "$program" -test.run="^($suite)\$" -test.v -test.timeout=30m) >"$log" 2>&1 </dev/null; then
    rm "$log"
    printf '%3d of %d: ok, %d s\n' "$run" "$runs" "$((SECONDS - start))"
    continue
  fi
  failed=$((failed + 1))
  printf '%3d of %d: FAILED after %d s (%s)\n' "$run" "$runs" "$((SECONDS - start))" "${log#"$PWD/"}"
  grep -E '^ *--- FAIL|^panic:' "$log" | sed 's/^/    /' || true
done
say "$((runs - failed)) of $runs runs passed"
[ "$failed" = 0 ]
