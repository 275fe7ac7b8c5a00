# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# In the payload, from exec. Prints lines "ok ..." and "not ok ...".

check() {
	local what=$1 answer
	shift
	if answer=$("$@" 2>&1); then echo "ok $what"; else echo "not ok $what${answer:+: ${answer//$'\n'/ | }}"; fi
}

is_running() {
	local state i
	for ((i = 0; i < 100; i++)); do
		state=$(systemctl is-system-running 2>&1)
		[[ $state == running ]] && return
		[[ $state == degraded ]] && break
		sleep 0.2
	done
	echo "$state"
	systemctl --failed --no-legend --plain
	return 1
}
check 'running, no unit failed' is_running

path=$(sed -n 's/^0:://p' /proc/1/cgroup)
own=/sys/fs/cgroup${path%/init.scope}

has_init() {
	echo "$path"
	[[ $path == */init.scope ]] && grep -qx 1 "/sys/fs/cgroup$path/cgroup.procs"
}
not_doubled() { [[ ! $path =~ /([^/]+)/(.*/)?\1(/|$) ]] || { echo "$path" && return 1; }; }
has_controllers() {
	local file
	for file in cgroup.controllers cgroup.subtree_control; do
		[[ " $(<"$own/$file") " == *' memory '* && " $(<"$own/$file") " == *' pids '* ]] || {
			echo "$file: $(<"$own/$file")"
			return 1
		}
	done
}
effective() {
	local place
	systemd-run -q --unit=limited -p MemoryMax=50M -p TasksMax=7 sleep 1000 || return
	place=$own/system.slice/limited.service
	[[ $(<"$place/memory.max") == 52428800 && $(<"$place/pids.max") == 7 && $(<"$place/cgroup.procs") ]] || {
		echo "$place: $(<"$place/memory.max") $(<"$place/pids.max") $(<"$place/cgroup.procs")"
		return 1
	}
}
has_journal() { journalctl -q -n 1 _PID=1 | grep -q .; }

check 'the path of process 1 is there' has_init
check 'the path of process 1 is not doubled' not_doubled
check 'memory and pids inside' has_controllers
check 'limits of a unit take effect' effective
check 'the journal has lines' has_journal
