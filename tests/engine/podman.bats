#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Podman's other ways to the hook: each file of contrib/hooks.d in place of the default, and CDI; and its own mode for systemd.

# shellcheck disable=SC1090,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load words

# only_entry [FILE]: FILE, or none, as the one entry that Podman finds.
only_entry() {
	local directory=/usr/share/containers/oci/hooks.d
	rm -f $directory/*
	[[ ! ${1:-} ]] || install -m644 "$top/$1" $directory
}

# is_made_once NAME: the hook has run, and no second time, nor has Podman made the same.
is_made_once() {
	local place
	[[ $(inside "$1" cat /run/host/container-manager) == oci ]]
	inside "$1" cat /proc/self/mountinfo >/var/lib/engine/mounts
	for place in /run /run/lock /run/host /tmp /var/log/journal /etc/machine-id; do
		[[ $(grep -cE "^([^ ]* ){4}$place " /var/lib/engine/mounts) == 1 ]] || {
			grep " $place " /var/lib/engine/mounts
			return 1
		}
	done
}

is_left_alone() {
	start_unflagged plain 252 sleep 1000
	run ! inside plain test -e /run/host
}

@test "contrib/hooks.d/by-command.json" {
	only_entry contrib/hooks.d/by-command.json
	start_command=(podman run --detach --tty)
	boots 252
	is_made_once "$name"
	is_left_alone
}

@test "contrib/hooks.d/always.json" {
	only_entry contrib/hooks.d/always.json
	start_command=(podman run --detach --tty)
	boots 252
	is_made_once "$name"
	is_left_alone
}

@test "contrib/hooks.d/create-runtime.json" {
	only_entry contrib/hooks.d/create-runtime.json
	boots 252
	is_made_once "$name"
	is_left_alone
}

@test "without an entry there is no hook" {
	only_entry
	start "$name" 252
	run ! inside "$name" test -e /run/host/container-manager
}

@test "a CDI device" {
	only_entry
	start_command=(podman run --detach --tty --device oci-systemd-hook.org/systemd=auto)
	boots 252
	is_made_once "$name"
}

@test "Podman's own mode for systemd, on and off" {
	local mode
	only_entry systemd-hook.json
	for mode in always false; do
		# Without it, the stop signal is for the user to say.
		boots 252 --systemd=$mode --stop-signal SIGRTMIN+3
		is_made_once "$name"
		stop "$name"
		[[ $(exit_status "$name") == 0 ]]
		remove_all
	done
}
