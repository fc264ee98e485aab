#!/usr/bin/env bash
# Puts the fonts of paper and boards into fonts/: Noto Sans HK (regular, bold) and Noto Sans SC (regular), with their
# licence. Quick when they are there already. Exits non-zero when they could not be had.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/npm-files.sh fonts/
say "fonts: $(find fonts -name '*.ttf' | wc -l | tr -d ' ') in fonts/"
