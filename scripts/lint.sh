#!/usr/bin/env bash
# Looks for secrets (scripts/secrets.sh), then runs golangci-lint, built from source at its pinned version into .tools/bin
# (once; about two minutes on two cores).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

linter=.tools/bin/golangci-lint
if ! "$linter" version 2>/dev/null | grep -qE "version v?${GOLANGCI_LINT_VERSION//./\\.} "; then
  say "building golangci-lint $GOLANGCI_LINT_VERSION"
  GOBIN=$PWD/.tools/bin GOFLAGS=-trimpath go install \
    "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$GOLANGCI_LINT_VERSION"
fi
if [ "${1:-}" = --install-only ]; then
  exec scripts/secrets.sh --install-only
fi
scripts/secrets.sh
exec "$linter" run "$@" ./...
