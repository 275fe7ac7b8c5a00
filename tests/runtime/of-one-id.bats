#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The cgroups that the hook itself makes, on a host where no runtime does (bare): others' stay, and its own go, whatever the payload made of them.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

setup() {
	make_container one-id runc "$(payload_tree 252 no)" 'private_cgroup | annotation("mode"; "always")'
	before=$(host_state)
	place='/sys/fs/cgroup/systemd$(sed -n s/^.*:name=systemd://p /proc/self/cgroup)'
}

teardown() { drop_container; }

@test "deeper-than-the-remover: nested 300 deep and 50 wide, all is removed" {
	change_bundle 'shell($line)' --arg line "cd $place && for i in \$(seq 50); do mkdir -p w\$i/a w\$i/b; done && for i in \$(seq 300); do mkdir d && cd d || exit 3; done"
	start_and_wait
	is_as_before "$before"
}

@test "id-of-another: a living container of one id keeps its cgroups, also when the records are not seen" {
	local second=$room/second
	change_bundle 'shell($line)' --arg line "cd $place && mkdir init.scope empty.slice && echo 1 >init.scope/cgroup.procs && echo ready; read -r _ </run/go; ls -d */"
	mkfifo "$rootfs/run/go"
	start_and_wait >"$room/first" 2>&1 3>&- &
	first=$!
	for _ in {1..100}; do grep -q ready "$room/first" && break || sleep 0.05; done
	mkdir -p "$second/rootfs" "$room/second-upper" "$room/second-work"
	mount -t overlay overlay -o "lowerdir=$image,upperdir=$room/second-upper,workdir=$room/second-work" "$second/rootfs"
	jq '.linux.cgroupsPath = "/test-second"' "$bundle/config.json" >"$second/config.json"
	if unshare -m sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' - \
		runc --root "$room/second-runtime" run --bundle "$second" "$id" </dev/null >"$room/said" 2>&1 3>&-; then return 1; fi
	cat "$room/said"
	grep -q 'another container has this id' "$room/said"
	runtime exec "$id" sh -c 'echo >/run/go' 3>&-
	wait $first
	cat "$room/first"
	grep -q empty.slice/ "$room/first"
}

@test "left-by-a-crash: cgroups of a container that has ended are taken over" {
	change_bundle 'shell("true")'
	mount -t cgroup -o none,name=systemd cgroup "$room/overlay"
	mkdir -p "$room/overlay/oci-$id/init.scope" "$room/overlay/oci-$id/system.slice/a.service"
	umount "$room/overlay"
	start_and_wait
	is_as_before "$before"
}
