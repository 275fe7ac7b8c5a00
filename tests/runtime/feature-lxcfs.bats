#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# lxcfs=on: /proc tells the container its own limits. Run by tests/runtime/run, in a view where nobody else sees the lxcfs of the test.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view
load feature

limit=268435456
on="annotation(\"lxcfs\"; \"on\") | allow(\"lxcfs\") | annotation(\"mode\"; \"always\") | memory_limit($limit)"

teardown() {
	stop_lxcfs
	drop_container
}

# The real one, at its customary place.
start_lxcfs() {
	local tries=100
	mkdir -p /var/lib/lxcfs
	lxcfs -p "$BATS_TEST_TMPDIR/pid" /var/lib/lxcfs >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	lxcfs_pid=$!
	until [[ $(stat -f -c %T /var/lib/lxcfs 2>/dev/null) == fuseblk && -e /var/lib/lxcfs/proc/meminfo ]]; do
		((tries-- > 0)) || {
			cat "$BATS_TEST_TMPDIR/log"
			return 1
		}
		sleep 0.1
	done
}
stop_lxcfs() {
	[[ ${lxcfs_pid:-} ]] || return 0
	kill -CONT "$lxcfs_pid" 2>/dev/null || true
	kill -KILL "$lxcfs_pid" 2>/dev/null || true
	wait "$lxcfs_pid" 2>/dev/null || true
	umount -l /var/lib/lxcfs 2>/dev/null || true
	lxcfs_pid=
}

# shows WANTED LINE [FILTER]
shows() {
	local got
	local tries=5
	change_bundle "shell(\$line) | ${3:-.}" --arg line "$2"
	# on a busy machine lxcfs may not answer in the time that a start gives it
	until got=$(start_and_wait 2>&1) && [[ $got == "$1" ]] || ((--tries == 0)); do :; done
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$got")
	is_as_before "$before"
}

mounted='grep -c " - fuse.lxcfs" /proc/self/mountinfo'
of_files='cpuinfo diskstats loadavg meminfo stat swaps uptime'

@test "lxcfs: memory, uptime and processors are the container's" {
	start_lxcfs
	feature_container 252 no "$on"
	shows $'MemTotal:         262144 kB\n256\nyoung\nread-only\n8' \
		"grep MemTotal: /proc/meminfo; free -m | awk '/^Mem/ {print \$2}'; [ \$(cut -d. -f1 /proc/uptime) -lt 60 ] && echo young
		for f in $of_files; do grep \" /proc/\$f \" /proc/self/mountinfo | grep -q ' ro,nosuid,nodev,noexec,' || echo \"\$f is not read-only\"; done; echo read-only; $mounted"
	shows 1 'grep -c ^processor /proc/cpuinfo' '.linux.resources.cpu = {cpus: "0"}'
}

@test "lxcfs: a booted payload in a user namespace" {
	start_lxcfs
	feature_container 257 yes "annotation(\"lxcfs\"; \"on\") | allow(\"lxcfs\") | memory_limit($limit)"
	boot_to "$room/log"
	[[ $(inside sh -c "awk '/^MemTotal/ {print \$2}' /proc/meminfo") == 262144 ]]
	[[ $(inside systemctl is-system-running --wait) == running ]]
	inside systemctl poweroff || true
	ends_with 0
	is_as_before "$before"
}

@test "lxcfs: not allowed" {
	feature_container 252 no 'annotation("lxcfs"; "on")'
	is_refused 'org.oci-systemd-hook.lxcfs=on reaches the host.*--allow=lxcfs'
}

@test "lxcfs: what the user has mounted there wins" {
	start_lxcfs
	feature_container 252 no "$on"
	echo mine >"$outside/meminfo"
	shows $'mine\n7' "cat /proc/meminfo; $mounted" "bind(\"$outside/meminfo\"; \"/proc/meminfo\")"
}

@test "lxcfs: stopped, killed or none, and the container starts without, in time" {
	local took
	feature_container 252 no "$on"
	shows 0 "$mounted"
	start_lxcfs
	before=$(host_state)
	kill -STOP "$lxcfs_pid"
	took=$EPOCHREALTIME
	shows 0 "$mounted"
	took=$(((${EPOCHREALTIME/./} - ${took/./}) / 1000))
	echo "$took ms"
	kill -CONT "$lxcfs_pid"
	kill -KILL "$lxcfs_pid"
	sleep 0.2
	shows 0 "$mounted"
}

@test "lxcfs: killed later, and the container goes on" {
	start_lxcfs
	feature_container 257 no "annotation(\"lxcfs\"; \"on\") | allow(\"lxcfs\") | memory_limit($limit)"
	boot_to "$room/log"
	kill -KILL "$lxcfs_pid"
	inside systemctl start systemd-tmpfiles-clean.service
	inside systemctl exit 7 || true
	ends_with 7
}

@test "lxcfs: what is at its place and is no FUSE is not taken" {
	feature_container 252 no "$on"
	mount -t tmpfs tmpfs /var/lib/lxcfs
	mkdir /var/lib/lxcfs/proc
	echo fake >/var/lib/lxcfs/proc/meminfo
	change_bundle 'shell("grep -c fake /proc/meminfo")'
	[[ $(start_and_wait) == 0 ]] || { umount /var/lib/lxcfs; return 1; }
	umount /var/lib/lxcfs
}
