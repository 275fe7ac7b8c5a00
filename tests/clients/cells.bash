# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A client is tried cell by cell; each is a line that tests/clients/run makes a table of. A driver of an engine is loaded before.

examples=$top/contrib/examples

# try CELL COMMAND...: what it says goes to the log of the test.
try() {
	local cell=$1
	shift
	if "$@"; then
		echo "# cell $client $cell ok" >&3
	else
		echo "# cell $client $cell FAIL" >&3
		bad=1
	fi
}

is_up_and_running() {
	within 60 is_running "$1" || {
		inside "$1" systemctl --failed --no-legend --plain
		console "$1" | tail -n 20
		return 1
	}
}

says_it_booted() { within 20 is_up "$1"; }

# copies CONTAINER DIRECTORY: a file in, seen inside, and out.
copies() {
	echo "in $2" >/var/lib/engine/copy
	"$cli" cp /var/lib/engine/copy "$1:$2/copied" && [[ $(inside "$1" cat "$2/copied") == "in $2" ]] || return 1
	"$cli" cp "$1:$2/copied" /var/lib/engine/back && cmp /var/lib/engine/copy /var/lib/engine/back
}

ends_soon() {
	local began=$SECONDS
	"$@" && ((SECONDS - began < 8))
}

has_ended_well() { [[ $(exit_status "$1") == 0 ]]; }

# all_cells CONTAINER RESTART STOP...: the row, once it is up; the commands are words of the client.
all_cells() {
	local container=$1 restart=$2
	shift 2
	try state is_up_and_running "$container"
	try logs says_it_booted "$container"
	try cp copies "$container" "${copy_to:-/srv}"
	# shellcheck disable=SC2086 # a command
	try restart eval "$restart && is_up_and_running $container"
	try stop ends_soon "$@"
	try exit has_ended_well "$container"
	((bad == 0))
}

# machine [PAYLOAD]: the examples' image.
machine() { "$cli" tag "systemd:${1:-252}" "${2:-machine}"; }
