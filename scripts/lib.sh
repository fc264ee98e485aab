# shellcheck shell=bash
# Small helpers that the other scripts source. Changes directory to the top of the repository.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Pinned tools. Files taken from npm packages are pinned in scripts/npm-files.txt.
export GOLANGCI_LINT_VERSION=2.15.0
export GITLEAKS_VERSION=8.30.1

# say prints a line for people; warn one that they should not miss.
say() { printf '%s\n' "$*"; }
warn() { printf '! %s\n' "$*" >&2; }

# have tells whether a command can be run.
have() { command -v "$1" >/dev/null 2>&1; }

# as_root runs a command with root's rights: as it is for root, else by a sudo that asks nothing. Returns 126 when there
# is no way to get them.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 126
  fi
}

# clock prints seconds as m:ss.
clock() { printf '%d:%02d' "$(($1 / 60))" "$(($1 % 60))"; }

# abreast N COMMAND...: the command with each line of the input as more words, N of them at a time. Returns 1 when any failed.
abreast() {
  local lanes=$1 line running=0 failed=0
  shift
  while read -r line; do
    if [ "$running" -ge "$lanes" ]; then
      wait -n || failed=1
      running=$((running - 1))
    fi
    # shellcheck disable=SC2086 # words
    "$@" $line &
    running=$((running + 1))
  done
  while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
  done
  return "$failed"
}
