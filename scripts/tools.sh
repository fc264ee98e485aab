#!/usr/bin/env bash
# What the tests need beyond Go: Debian packages (only the missing ones; no service is started) and axe-core.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# initdb and its server are not on the path on Debian.
have_postgres() { have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

# missing prints the Debian packages to install. Daemons lie where an ordinary user's path does not lead.
missing() {
  local PATH=$PATH:/usr/sbin:/sbin
  have redis-server || echo redis-server
  have_postgres || echo postgresql
  have chromium || echo chromium
  have zbarimg || echo zbar-tools
  have pdftoppm || echo poppler-utils
  have qpdf || echo qpdf
  # A real printer and a real print server in a network of their own. ippeveprinter speaks through Avahi and D-Bus.
  have ippeveprinter || echo cups-ipp-utils
  have cupsd || echo cups cups-daemon
  have lpadmin || echo cups-client
  [ -e /usr/lib/cups/filter/pdftopdf ] || echo cups-filters
  [ -e /usr/lib/cups/backend/cups-pdf ] || echo printer-driver-cups-pdf
  have avahi-daemon || echo avahi-daemon
  have dbus-daemon || echo dbus
  have ip || echo iproute2
  # A real mail server that keeps what it is given.
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || echo python3-aiosmtpd
  # The race detector links against the C library.
  have gcc || have clang || echo gcc libc6-dev
  # A font with Chinese for the browser, so that pages are measured with real text.
  compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK-*' >/dev/null || echo fonts-noto-cjk
}

# apt_install installs packages. policy-rc.d (man 8 invoke-rc.d) keeps Debian from starting their services: the tests
# start private servers of their own, and a developer's machine should not gain two daemons from a test run.
apt_install() {
  local policy=/usr/sbin/policy-rc.d made='' status=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" || status=$?
  [ -z "$made" ] || as_root rm -f "$policy"
  return "$status"
}

packages=$(missing | tr '\n' ' ')
if [ -n "${packages// /}" ]; then
  say "installing: $packages"
  have apt-get || { warn "this is not Debian: please install the like of: $packages"; exit 1; }
  as_root true || { warn "root is needed once: apt-get install --no-install-recommends $packages"; exit 1; }
  as_root apt-get update
  # shellcheck disable=SC2086 # a list of names
  apt_install $packages
fi
scripts/npm-files.sh .tools/axe-core/
say "tools: all there"
