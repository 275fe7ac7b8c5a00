#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A container that does not ask for systemd is left exactly alone. Run by tests/runtime/run.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() { make_container left-alone runc "$(payload_tree 252 no)"; }
teardown() { drop_container; }

# everything_at_create: what the runtime says, the container's mount table and the host's cgroups, when all hooks have run. Ids and
# device numbers differ from start to start, and are left out.
everything_at_create() {
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1 || true
	sed 's/time="[^"]*"//' "$room/said"
	if runtime state "$id" >/dev/null 2>&1; then
		sed -E 's/^[0-9]+ [0-9]+ [0-9:]+ //; s/(shared|master):[0-9]+/\1/g' "/proc/$(first_process)/mountinfo"
		sed 's/^[0-9]*//' "/proc/$(first_process)/cgroup"
	fi
	host_state | grep -e "$id" -e '^mount' -e '^run'
	runtime delete --force "$id" 2>/dev/null || true
}

# compare FILTER: fails with the difference between a start with the hook and one without.
compare() {
	change_bundle "$1 | .process.terminal = false"
	local with without
	with=$(everything_at_create)
	change_bundle 'del(.hooks)'
	without=$(everything_at_create)
	diff <(printf '%s\n' "$without") <(printf '%s\n' "$with")
}

init_is() { # FILE-TYPE CONTENT
	rm "$rootfs/usr/sbin/init"
	case $1 in
	link) ln -s "$2" "$rootfs/usr/sbin/init" ;;
	copy) cp "$2" "$rootfs/usr/sbin/init" ;;
	script) printf '%s\n' "$2" >"$rootfs/usr/sbin/init" && chmod +x "$rootfs/usr/sbin/init" ;;
	esac
}

@test "the comparison sees a hook that acts" {
	if compare .; then return 1; fi
}

@test "left alone: the command is /bin/sh" {
	compare 'command(["/bin/sh"])'
}

@test "left alone: the command is a program found through PATH" {
	compare 'command(["sleep", "9"])'
}

@test "left alone: init is BusyBox" {
	cp "$(command -v busybox)" "$rootfs/usr/bin/busybox"
	init_is link ../bin/busybox
	compare .
}

@test "left alone: the command is a script, even one that starts systemd" {
	printf '#!/bin/sh\nexec /lib/systemd/systemd\n' >"$rootfs/start"
	chmod 755 "$rootfs/start"
	compare 'command(["/start"])'
}

@test "left alone: init is a script like that of s6" {
	init_is script $'#!/bin/sh -e\nexec /command/s6-overlay-suexec'
	compare .
}

@test "left alone: tools of systemd, one that needs libsystemd-core among them" {
	compare 'command(["systemd-analyze", "--version"])'
	compare 'command(["/bin/sh", "-c", "exec systemd-analyze verify"])'
}

@test "left alone: systemd, asked for its version" {
	compare 'command(["/sbin/init", "--version"])'
}

@test "left alone: a shell that runs more than one command" {
	compare 'command(["/bin/sh", "-c", "true; exec /sbin/init"])'
}

@test "left alone: tini in front of systemd, also for a script" {
	cp "$(command -v tini)" "$rootfs/usr/bin/tini"
	printf '#!/bin/sh\nexec "$@"\n' >"$rootfs/start"
	chmod 755 "$rootfs/start"
	compare 'command(["tini", "--", "/sbin/init"])'
	compare 'command(["/start", "tini", "--", "/sbin/init"])'
}

@test "left alone: init is tini, even one that starts systemd" {
	init_is copy "$(command -v tini)"
	compare 'command(["/sbin/init", "--", "/lib/systemd/systemd"])'
}

@test "left alone: init is a script like OpenRC's" {
	init_is script $'#!/sbin/openrc-run\ndescription=init'
	compare .
}

@test "left alone: no such file" {
	compare 'command(["/sbin/missing"])'
}

@test "left alone: init is a directory" {
	rm "$rootfs/usr/sbin/init"
	mkdir "$rootfs/usr/sbin/init"
	compare .
}

@test "left alone: init is a loop of links" {
	init_is link first
	ln -s init "$rootfs/usr/sbin/first"
	compare .
}

@test "left alone: init is an absolute link to a systemd that only the host has" {
	init_is link "$(payload_tree 252 no)/lib/systemd/systemd"
	compare .
}

@test "left alone: init is a relative link to a systemd that only the host has" {
	init_is link "../../../../../../../../../..$(payload_tree 252 no)/lib/systemd/systemd"
	compare .
}

@test "left alone: systemd, and mode=off" {
	compare 'annotation("mode"; "off")'
}

@test "left alone: systemd, and oci-systemd-hook=disabled in the environment" {
	compare 'environment("oci-systemd-hook=disabled")'
}
