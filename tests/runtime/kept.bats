#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the user has mounted where the hook puts a tmpfs stays as the user wants it, whatever the runtime still does to it after the hooks.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

setup() {
	make_container kept "${RUNTIME:-runc}" "$(payload_tree 252 no)" 'annotation("mode"; "always") | private_cgroup'
	outside=$room/outside
	mkdir "$outside"
	before=$(host_state)
}

teardown() { drop_container; }

# prints WANTED LINE FILTER: as in container.bats, for what both runtimes are asked.
prints() {
	local got
	change_bundle "shell(\$line) | $3" --arg line "test -s /run/host/container-manager || echo the hook did nothing; $2"
	got=$(start_and_wait 2>/dev/null) || true
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$got")
	is_as_before "$before"
}

@test "read-only-after-the-hooks: read-only volumes and tmpfs below /run and /tmp, with their other options" {
	prints $'/run/a ro nodev,noexec,nosuid\n/run/b ro\n/tmp/a ro' \
		'for place in /run/a /run/b /tmp/a; do
			echo x >$place/new && echo "written to $place"
			echo $(grep " $place " /proc/self/mountinfo | while read -r _ _ _ _ _ options _; do
				echo $place ${options%%,*} $(echo $options | tr , "\n" | grep ^no | sort | paste -sd,)
			done)
		done' \
		".mounts += [
			{destination: \"/run/a\", source: \"$outside\", type: \"bind\", options: [\"rbind\", \"ro\", \"nosuid\", \"nodev\", \"noexec\"]},
			{destination: \"/run/b\", source: \"tmpfs\", type: \"tmpfs\", options: [\"ro\"]},
			{destination: \"/tmp/a\", source: \"$outside\", type: \"bind\", options: [\"bind\", \"ro\"]}]"
	[[ ! -e $outside/new ]]
}

@test "read-only-after-the-hooks: in a user namespace" {
	drop_container
	make_container kept "${RUNTIME:-runc}" "$(payload_tree 252 yes)" "annotation(\"mode\"; \"always\") | private_cgroup | user_namespace($shift_by)"
	outside=$room/outside
	mkdir -m 777 "$outside"
	before=$(host_state)
	prints '' 'for place in /run/a /tmp/a; do echo x >$place/new && echo "written to $place"; done' \
		".mounts += [(\"/run/a\", \"/tmp/a\") | {destination: ., source: \"$outside\", type: \"bind\", options: [\"rbind\", \"ro\"]}]"
	[[ ! -e $outside/new ]]
}

# In a user's own tmpfs the hook makes its files, and is to leave alone what is mounted there.
@test "a-users-own-machine-id-commit: a unit in a volume at /run/systemd/system, in a tmpfs of the user's and in one of the hook's" {
	local tmpfs
	echo mine >"$outside/systemd-machine-id-commit.service"
	for tmpfs in . 'tmpfs("/run"; ["mode=755"])'; do
		prints mine 'cat /run/systemd/system/systemd-machine-id-commit.service' "$tmpfs | bind(\"$outside\"; \"/run/systemd/system\")"
		change_bundle '.mounts |= map(select(.destination | startswith("/run") | not))'
	done
	[[ $(cat "$outside/systemd-machine-id-commit.service") == mine ]]
}

@test "a-users-own-machine-id-commit: nothing is made in a volume at /run/systemd" {
	prints '' 'ls /run/systemd' "tmpfs(\"/run\"; [\"mode=755\"]) | bind(\"$outside\"; \"/run/systemd\")"
	[[ ! $(ls "$outside") ]]
}

# sysfs-of-the-host: the container's cgroups covered the host's.
@test "sysfs-of-the-host: a volume on /sys/fs that the host sees gets no mount of ours" {
	change_bundle 'shell("true") | .linux.rootfsPropagation = "shared"
		| .mounts += [{destination: "/sys/fs", source: "/sys/fs", type: "bind", options: ["bind", "rshared"]}]'
	# runc has it for the host to see, crun does not.
	start_and_wait >"$room/said" 2>&1 || [[ $runtime == crun ]] || grep 'oci-systemd-hook: .*leads onto a volume' "$room/said"
	is_as_before "$before"
}

# crun makes the user's mount read-only after ours is on it.
@test "machine-id: over the user's read-only file that is uninitialized, which stays as it is" {
	echo uninitialized >"$outside/id"
	change_bundle ".mounts += [{destination: \"/etc/machine-id\", source: \"$outside/id\", type: \"bind\", options: [\"rbind\", \"ro\"]}]"
	boot 30
	inside systemd-id128 machine-id | grep -xE '[0-9a-f]{32}'
	inside systemctl poweroff || true
	ended 20
	[[ $(<"$outside/id") == uninitialized ]]
	is_as_before "$before"
}
