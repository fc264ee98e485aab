#!/usr/bin/env bash
# Looks for secrets in the files and in the history with gitleaks, built from source at its pinned version into .tools/bin
# (once; under a minute on two cores). What it passes over, and why, stands in .gitleaks.toml.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scanner=.tools/bin/gitleaks
if ! go version -m "$scanner" 2>/dev/null | grep -qE "^\s+mod\s+\S+\s+v${GITLEAKS_VERSION//./\\.}\s"; then
  say "building gitleaks $GITLEAKS_VERSION"
  GOBIN=$PWD/.tools/bin GOFLAGS=-trimpath go install "github.com/zricethezav/gitleaks/v8@v$GITLEAKS_VERSION"
fi
[ "${1:-}" = --install-only ] && exit 0
"$scanner" dir . --config .gitleaks.toml --no-banner --log-level warn --redact --verbose
# A secret that was committed once has to be changed, though the file is gone.
[ ! -e .git ] || "$scanner" git . --config .gitleaks.toml --no-banner --log-level warn --redact --verbose
