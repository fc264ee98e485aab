#!/usr/bin/env bash
# What `make run` needs on a fresh machine. Needs no root. Only a missing Go stops it: without fonts everything but
# paper works, and system fonts are used where there are any.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

have go || { warn "Go is not installed. Vez needs Go $(awk '/^go /{print $2}' go.mod) or later."; exit 1; }
scripts/fonts.sh || warn "going on without the fonts of this repository: system fonts are used; where they lack Chinese,
  a print job fails with its reason and the ticket goes to the phone. Try again with: make fonts"
