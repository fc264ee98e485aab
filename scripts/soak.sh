#!/usr/bin/env bash
# Hours of what `make test` does in minutes: schedules by their seeds, random programs against the oracle and the audit,
# histories of real clients, processes killed, databases and Redis lost, again and again. Each run looks at other seeds;
# whatever fails says how to see it again. One progress line a stage; what it said is kept in .tools/log/soak-*.log.
# Exits non-zero when any stage failed.
#
#   scripts/soak.sh                 all stages, about two hours on two cores
#   scripts/soak.sh seeds history   these only
#   SOAK=10 scripts/soak.sh         ten times as much of everything; 0.01 to see whether it runs
#   FROM=17 scripts/soak.sh seeds   the same seeds again (of the stages seeds, oracle, rules and audit)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

from=${FROM:-$(($(date +%s) / 60))}
logs=.tools/log
mkdir -p "$logs"
began=$SECONDS
failed=''
only=("$@")

# A part that a test cannot find is a failure here, not a reason to skip.
export VEZ_REQUIRE_POSTGRES=1 VEZ_REQUIRE_REDIS=1

# times N: so many, times SOAK, at least one.
times() { awk -v n="$1" -v more="${SOAK:-1}" 'BEGIN { n = int(n * more); print (n < 1 ? 1 : n) }'; }

# stage NAME WHAT COMMAND...: runs one stage, and shows its figures, or its last lines when it failed.
stage() {
  local name=$1 what=$2 start=$SECONDS log=$logs/soak-$1.log
  shift 2
  [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $name "* ]] || return 0
  printf '[%s] %-8s %s ...\n' "$(clock $((start - began)))" "$name" "$what"
  if "$@" >"$log" 2>&1 </dev/null; then
    grep -E 'seeds from|OK, passed|acts on|kept;' "$log" | tail -n 6 | sed -E 's/^ *[a-z_]+\.go:[0-9]+: /    /' || true
    printf '[%s] %-8s ok, %s\n' "$(clock $((SECONDS - began)))" "$name" "$(clock $((SECONDS - start)))"
    return 0
  fi
  failed="$failed $name"
  tail -n 60 "$log" | cut -c1-400 | sed 's/^/    /'
  printf '[%s] %-8s FAILED after %s (%s)\n' "$(clock $((SECONDS - began)))" "$name" "$(clock $((SECONDS - start)))" "$log"
}

# again N PACKAGE TESTS [FLAGS]: the tests, N times as often, under the race detector.
again() {
  local n=$1 package=$2 tests=$3
  shift 3
  go test -race -count="$(times "$n")" -timeout=24h -v -run "$tests" "$package" "$@"
}

# random: the tests that let rapid choose, of every package but the oracle's, which has a stage of its own.
random() {
  local files tests packages
  files=$(grep -rlE --include='*_test.go' 'rapid\.(Check|MakeCheck)\(' . | grep -v '/hall/')
  tests=$(awk '/^func Test/ { name = $2; sub(/\(.*/, "", name) } /rapid\.(Check|MakeCheck)\(/ { print name }' $files | sort -u | paste -sd'|')
  packages=$(dirname $files | sort -u)
  # shellcheck disable=SC2086 # one word a package
  go test -count=1 -timeout=24h -v -run "^($tests)\$" $packages "$@"
}

stage seeds "$(times 10000) schedules from $from" \
  go test -count=1 -timeout=24h -v -run '^TestSimulation$' ./hall/simtest -sim.for=24h -sim.seeds="$(times 10000)" -sim.from="$from" -sim.steps=400
stage oracle "$(times 20000) random programs against the oracle" \
  go test -count=1 -timeout=24h -v -run '^TestRandomPrograms' ./hall/simtest -rapid.checks="$(times 20000)" -rapid.steps=150 -rapid.seed="$from"
stage rules "$(times 5000) random cases for every rule" \
  random -rapid.checks="$(times 5000)" -rapid.seed="$from"
stage audit "$(times 300) random programs against the audit" \
  go test -count=1 -timeout=24h -v -run '^TestTheAuditHasNothing' ./hall -audit.seeds="$(times 300)" -audit.from="$from"
stage history "histories of real clients" again 20 ./e2e '^TestAHistory' -history.for=6s
stage crash "hubs killed under load" \
  again 20 ./e2e '^(TestNothingAcknowledgedIsLost|TestAHubKilled|TestARetryAtTheOther|TestFlushingRedis|TestADatabaseThatGoesAway)'
stage ledger "writers killed, commits in doubt, disks full" \
  again 20 ./ledger '^(TestAKilled|TestACommit|TestARetry|TestConnectionsCut|TestADatabaseThatDies|TestAFullDisk|TestContract)'
VEZ_SOAK=1 stage faults "what the hubs stand on, broken under load" again 1 ./e2e \
  '^(TestKilledProcesses|TestRedisMayForget|TestSentinelFails|TestASlotMoves|TestABadNetwork|TestALedgerThatSwallows|TestALostReply|TestAFull|TestAClockThat|TestDaysOf|TestStreamsThat|TestARolling|TestAnOlder)'
stage live "live queues and boards" again 20 ./queue '^(TestProjection|TestAKilledChild)'
stage boards "streams" again 20 ./live .

if [ -n "$failed" ]; then
  say "FAILED:$failed, after $(clock $((SECONDS - began)))"
  exit 1
fi
say "soaked for $(clock $((SECONDS - began)))"
