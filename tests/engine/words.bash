# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC1090,SC2154
# What the tests of engines say with the words of a driver.

load_driver() {
	. "$BATS_TEST_DIRNAME/../lib/common.bash"
	. "$BATS_TEST_DIRNAME/$DRIVER.bash"
}

# documented START [PART [FILE]]: the command in the README, or in FILE, that starts so and has PART; there has to be one. With it a driver
# does what it says.
documented() {
	local line file=${3:-README.md}
	line=$(grep "^    $1 " "$top/$file" | grep -F -- "${2:-}")
	[[ $line && $line != *$'\n'* ]] || {
		echo "$file has not one command '$1 … ${2:-}'" >&2
		return 1
	}
	echo "${line#    }"
}

# payload_tar PAYLOAD: its tree, less what nothing in it reads while it boots: engines sync each file to disk.
payload_tar() {
	tar -C "$(payload_tree "$1" no)" --exclude='./usr/share/'{doc,i18n,locale,man,perl,zoneinfo}'/*' -c .
}

setup() {
	load_driver
	name=c$BATS_TEST_NUMBER
	[[ ! ${engine_lacks:-} ]] || impossible "$engine_lacks"
}

teardown() {
	[[ ! ${engine_lacks:-} ]] || return 0
	if [[ ! $BATS_TEST_COMPLETED ]]; then
		console "$name" | tail -n 40
		tail -n 5 /var/log/messages
	fi
	remove_all
}

# impossible REASON: the end of a test, for the engine has no such thing; the reason is what it says itself.
impossible() { skip "impossible: $*"; }

# within SECONDS COMMAND...: try until it succeeds.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.2
	done
}

# To ask with exec earlier would put the asking process where systemd is still building its cgroups.
is_up() { console "$1" | grep -aqE 'Reached target.*(Multi-User System|Graphical Interface)|login: '; }
is_running() { [[ $(inside "$1" systemctl is-system-running 2>/dev/null) == running ]]; }

# runs NAME: it comes up, and no unit has failed.
runs() {
	# containerd's log of a terminal has fallen silent under load, twice, while the payload went on: after so long asking does no harm.
	within 30 is_up "$1" || echo "$1: its console says nothing of it; $(inside "$1" systemctl list-jobs)"
	within 30 is_running "$1" || {
		inside "$1" systemctl is-system-running || true
		inside "$1" systemctl --failed --no-legend --plain
		return 1
	}
}

boots() {
	start "$name" "$@"
	runs "$name"
}

boots_in_user_namespace() {
	boots 252
	inside "$name" cat /proc/self/uid_map
	# Else all ids are its own.
	! inside "$name" grep -q 4294967295 /proc/self/uid_map
}
