# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# For feature-*.bats: containers that ask for what is off unless asked for. RUNTIME is the runtime, runc without it.

# feature_container VERSION USERNS FILTER: with a private cgroup namespace, no terminal, and a host to compare with.
feature_container() {
	local filter="private_cgroup | .process.terminal = false | $3"
	[[ $2 == yes ]] && filter="user_namespace($shift_by) | $filter"
	make_container "feature-$1-$2" "${RUNTIME:-runc}" "$(payload_tree "$1" "$2")" "$filter"
	userns=$2
	outside=$room/outside
	mkdir "$outside"
	before=$(host_state)
}

# not COMMAND...: as !, which a failing test would go on after
not() { ! "$@"; }

# unit NAME LINE...: a unit in the image that starts at boot.
unit() {
	local name=$1 units=$rootfs/etc/systemd/system
	shift
	mkdir -p "$units/multi-user.target.wants"
	printf '%s\n' "$@" >"$units/$name"
	ln -s "../$name" "$units/multi-user.target.wants/$name"
}

# run_to FILE: in the background, with its standard output there. Its status is run_pid's.
run_to() {
	"$runtime" --root "$room/runtime" run --bundle "$bundle" "$id" </dev/null >"$1" 2>"$room/err" &
	run_pid=$!
}

# wait_for SECONDS COMMAND...: until it succeeds, or the container ends.
wait_for() {
	local tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		kill -0 "$run_pid" 2>/dev/null && ((tries-- > 0)) || return 1
		sleep 0.1
	done
}
is_booted() { [[ -e /proc/$(first_process)/root/run/booted ]]; }

# boot_to FILE: until the last unit of the boot has run.
boot_to() {
	unit booted.service '[Unit]' 'After=multi-user.target' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' 'ExecStart=touch /run/booted'
	run_to "$1"
	wait_for 120 is_booted || {
		tail -n 20 "$room/err" "$1"
		return 1
	}
}

# ends_with STATUS [SECONDS]
ends_with() {
	local tries=$((${2:-120} * 10)) status=0
	while kill -0 "$run_pid" 2>/dev/null; do
		((tries-- > 0)) || return 1
		sleep 0.1
	done
	wait "$run_pid" || status=$?
	[[ $status == "$1" ]]
}

# is_refused PATTERN [FILTER]: the container is not made, the hook says why in one line, and nothing is left.
is_refused() {
	[[ $# == 1 ]] || change_bundle "$2"
	if runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1; then return 1; fi
	# crun has no word of its hooks but their status
	if [[ $runtime == runc ]]; then
		cat "$room/said"
		grep -qE "oci-systemd-hook: $id: $1" "$room/said"
	fi
	is_as_before "$before"
}

# copiers: the processes that copy consoles in this view.
copiers() { pgrep -x oci-console --ns $$ --nslist mnt; }

# no_copier: soon there is none.
no_copier() {
	local tries=30
	while copiers >"$room/left"; do
		((tries-- > 0)) || {
			ps -fp "$(paste -sd, "$room/left")"
			return 1
		}
		sleep 0.1
	done
}
