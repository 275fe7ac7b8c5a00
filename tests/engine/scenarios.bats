#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a user of every engine can rely on. Run by tests/engine/lane, for one engine at a time.

# shellcheck disable=SC1090,SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load words

@test "boots 252" { boots 252; }
@test "boots 262" { boots 262; }

@test "exec is in the container's cgroup" {
	boots 252
	# By hierarchy: the cgroup that the engine made, or below it.
	local id hierarchy path
	id=$(full_id "$name")
	inside "$name" cat /proc/self/cgroup
	while IFS=: read -r _ hierarchy path; do
		# Nobody here can know a hierarchy that is not mounted.
		[[ $hierarchy && ! -d /sys/fs/cgroup/${hierarchy#name=} ]] && continue
		[[ $path == *"$id"* ]] || {
			echo "exec is in $path of $hierarchy"
			return 1
		}
	done < <(inside "$name" cat /proc/self/cgroup)
	# The path of process 1 is what it sees.
	inside "$name" sh -c 'test -d "/sys/fs/cgroup/systemd$(sed -n "s/^[0-9]*:name=systemd://p" /proc/1/cgroup)"'
}

@test "stop takes under 3 s, with status 0" {
	boots 252
	local began=${EPOCHREALTIME/./}
	stop "$name"
	local took=$((${EPOCHREALTIME/./} - began))
	echo "stopped in $((took / 1000)) ms with status $(exit_status "$name")"
	((took < 3000000))
	[[ $(exit_status "$name") == 0 ]]
}

@test "restart is clean, with the same machine-id" {
	boots 252
	local before
	before=$(inside "$name" cat /etc/machine-id)
	stop "$name"
	start_again "$name"
	within 30 is_running "$name"
	[[ $(inside "$name" cat /etc/machine-id) == "$before" ]]
}

@test "read-only" { boots 252 --read-only; }

@test "limits stay" {
	boots 252 --memory 512m --pids-limit 500
	local id
	id=$(full_id "$name")
	find /sys/fs/cgroup/memory /sys/fs/cgroup/pids -path "*$id/memory.limit_in_bytes" -exec cat {} + | grep -qx 536870912
	pids_limit "$name" | grep -qx 500
}

@test "user volumes stay visible" {
	local place
	for place in run tmp journal; do
		mkdir -p "/var/lib/engine/$place"
		echo kept >"/var/lib/engine/$place/file"
	done
	boots 252 -v /var/lib/engine/run:/run/vol -v /var/lib/engine/tmp:/tmp/vol -v /var/lib/engine/journal:/var/log/journal
	for place in /run/vol /tmp/vol /var/log/journal; do
		[[ $(inside "$name" cat "$place/file") == kept ]]
	done
	# The payload's journal is in the user's volume.
	within 10 test -d "/var/lib/engine/journal/$(inside "$name" cat /etc/machine-id)"
}

# crun makes them read-only only after the hooks.
@test "read-only volumes stay read-only" {
	local place
	mkdir -p /var/lib/engine/read-only
	echo kept >/var/lib/engine/read-only/file
	boots 252 "${without_own_mode[@]}" -v /var/lib/engine/read-only:/run/vol:ro -v /var/lib/engine/read-only:/tmp/vol:ro
	for place in /run/vol /tmp/vol; do
		[[ $(inside "$name" cat "$place/file") == kept ]]
		run ! inside "$name" touch "$place/new"
	done
	[[ ! -e /var/lib/engine/read-only/new ]]
}

@test "the engine's own mounts stay" {
	make_secret
	boots 252 "${engine_options[@]}"
	local place
	for place in "${engine_places[@]}"; do
		inside "$name" findmnt --mountpoint "$place" >/dev/null || inside "$name" test -e "$place" || {
			echo "$place is gone"
			return 1
		}
	done
}

@test "user namespace" {
	with_user_namespace boots_in_user_namespace
}

@test "diff shows nothing of ours" {
	boots 252
	start_unflagged plain 252 sleep 1000
	changes plain | sort >/var/lib/engine/plain
	changes "$name" | sort >/var/lib/engine/flagged
	# What systemd itself writes into the image is in other places, but for its directories in /tmp where that is the image's, as Docker's device has it.
	run comm -13 /var/lib/engine/plain <(grep -E '^. /(run|tmp|sys|var/log/journal|etc/machine-id)(/|$)' /var/lib/engine/flagged |
		grep -vE '^. /tmp(/\.[A-Za-z0-9]+-unix|/systemd-private-.*|/\.X[0-9]+-lock)?$')
	echo "$output"
	[[ ! $output ]]
}

# Podman has a mode for systemd of its own, which is on by default.
@test "no place is mounted twice" {
	boots 252
	run inside "$name" sh -c "sed 's/^[^ ]* [^ ]* [^ ]* [^ ]* //; s/ .*//' /proc/self/mountinfo | grep -v ^/sys | sort | uniq -d"
	echo "$output"
	[[ ! $output ]]
}

@test "a container without the flag is left alone" {
	start_unflagged "$name" 252 sleep 1000
	run ! inside "$name" test -e /run/host
	# containerd has a tmpfs on /run by itself.
	run ! inside "$name" grep -E '^([^ ]* ){4}/(run/lock|run/host|tmp|var/log/journal|etc/machine-id) ' /proc/self/mountinfo
	[[ $(inside "$name" cat /proc/1/cgroup) != *payload* ]]
}

@test "20 at once" {
	local number pids=()
	for number in {1..20}; do
		start "many$number" 252 >/dev/null &
		pids+=($!)
	done
	for number in "${pids[@]}"; do wait "$number"; done
	for number in {1..20}; do runs "many$number"; done
}

@test "a refusal says why" {
	run refused_start "$name"
	echo "$output"
	((status))
	[[ $output == *'oci-systemd-hook: '*v3* ]] || grep 'oci-systemd-hook.*v3' /var/log/messages
}

# bats test_tags=rootless
@test "a user without a cgroup is told what is missing" {
	run ! refused_user
	echo "$output"
	grep 'oci-systemd-hook.*: .*/run/user/.*; user .* has no delegated cgroup: .*loginctl enable-linger' /var/log/messages
	[[ ! -e /run/oci-systemd-hook ]]
}

@test "cp into and out of /tmp" {
	[[ ${cli:-} ]] || impossible "$DRIVER copies nothing"
	boots 252
	echo in >"$BATS_TEST_TMPDIR/in"
	"$cli" cp "$BATS_TEST_TMPDIR/in" "$name:/tmp/in"
	[[ $(inside "$name" cat /tmp/in) == in ]]
	inside "$name" sh -c 'echo out >/tmp/out'
	"$cli" cp "$name:/tmp/out" "$BATS_TEST_TMPDIR/out"
	[[ $(<"$BATS_TEST_TMPDIR/out") == out ]]
}
