# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
# What every lane needs to know: where things are, and which payload is which.

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
hook=${HOOK:-$top/build/oci-systemd-hook}
cache=${OCI_SYSTEMD_HOOK_CACHE:-/var/tmp/oci-systemd-hook}

# A payload is called by its systemd version; it comes from this Debian suite.
declare -gA suite_of=([247]=bullseye [252]=bookworm [257]=trixie [262]=forky)

# The first host id of the containers' user namespaces, and how far payload-shifted is shifted.
shift_by=100000

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# at_least FLOOR COUNT WHAT: a lane that has lost its cases is not green.
at_least() { (($2 >= $1)) || die "only $2 $3, where there are at least $1"; }

# payload_tree VERSION USERNS: the directory that holds it.
payload_tree() {
	local shifted=
	[[ $2 == yes ]] && shifted=-shifted
	echo "$cache/payload$shifted/${suite_of[$1]}"
}
