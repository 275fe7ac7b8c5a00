#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The container's own cgroup, on a unified host: what keeps it from being removed, and who enters it.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

setup() {
	make_container own runc "$(payload_tree 257 no)" 'private_cgroup | annotation("mode"; "always") | .process.terminal = false'
}

teardown() {
	[[ ! ${stranger:-} ]] || kill -KILL "$stranger" 2>/dev/null || true
	drop_container
}

left() { find /sys/fs/cgroup -type d -path "*$id*" | grep . || ls /run/oci-systemd-hook 2>/dev/null; }

@test "longer-than-a-path: 20 nested names of 250 bytes, which runc cannot remove, are gone after poststop" {
	# A shell has no working directory whose path is that long.
	change_bundle 'command(["perl", "-e", $line])' --arg line 'chdir "/sys/fs/cgroup/payload" or die; for (1..20) { mkdir "0" x 250 or die $!; chdir "0" x 250 or die $! } print "made\n"'
	start_and_wait >"$room/said" 2>&1 || true
	cat "$room/said"
	grep -q made "$room/said"
	runtime delete --force "$id" >/dev/null 2>&1 || true
	if left; then return 1; fi
}

@test "entered-by-a-stranger: before prestart looks: the container keeps its cgroup, and the stranger does not live" {
	# As runc does, but with somebody in it before the hook is called.
	change_bundle 'command(["sleep", "60"]) | .hooks.prestart |= [{path: "/bin/sh", args: ["sh", "-c", $line]}] + .' \
		--arg line "setsid sleep 300 </dev/null >/dev/null 2>&1 & echo \$! >$room/stranger; echo \$! >/sys/fs/cgroup/$id/cgroup.procs"
	change_bundle '.linux.cgroupsPath = $path' --arg path "/$id"
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1 || { cat "$room/said"; return 1; }
	stranger=$(<"$room/stranger")
	grep "/$id/payload" "/proc/$(first_process)/cgroup"
	if [[ -e /proc/$stranger && $(<"/proc/$stranger/stat") != *' Z '* ]]; then return 1; fi
	runtime delete --force "$id"
	if left; then return 1; fi
}

@test "kept-by-a-stranger: who is in the container's cgroup when it is gone does not keep it" {
	change_bundle 'command(["sleep", "60"]) | .linux.cgroupsPath = $path' --arg path "/$id"
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1 || { cat "$room/said"; return 1; }
	sleep 300 3>&- &
	stranger=$!
	echo "$stranger" >"/sys/fs/cgroup/$id/payload/cgroup.procs"
	runtime delete --force "$id" >/dev/null 2>&1 || true
	if left; then return 1; fi
}

@test "failed-poststop: a record that was left, also another bundle's, does not refuse the next start" {
	change_bundle 'shell("true")'
	mkdir -p /run/oci-systemd-hook "/sys/fs/cgroup/test-left-$id/payload/init.scope"
	chmod 700 /run/oci-systemd-hook
	printf 'bundle /another\nunified /test-left-%s\n' "$id" >"/run/oci-systemd-hook/$id"
	start_and_wait
	[[ ! -e /sys/fs/cgroup/test-left-$id ]]
	if left; then return 1; fi
}

# starts_with_record TEXT: printf's.
starts_with_record() {
	change_bundle 'shell("true")'
	mkdir -pm 700 /run/oci-systemd-hook
	# shellcheck disable=SC2059 # it has no %
	printf "$1" >"/run/oci-systemd-hook/$id"
	start_and_wait
	if left; then return 1; fi
}
@test "damaged-record: a file that no hook has written does not keep its id from starting" { starts_with_record 'nonsense\n'; }
@test "damaged-record: neither does a line of that kind among others" {
	starts_with_record 'bundle /elsewhere\nunified-if-unused systemd /x\nsystemd-if-unused \377\n'
}
@test "damaged-record: neither does a file without end" {
	starts_with_record "bundle /elsewhere\\n$(for i in {1..4000}; do printf 'unified /%08d\\n' "$i"; done)"
}

@test "damaged-record: poststop says so, removes what can be read of it, and the file" {
	mkdir -pm 700 /run/oci-systemd-hook
	mkdir -p "/sys/fs/cgroup/$id-made"
	printf 'bundle %s\nnonsense\nunified /%s-made\n' "$bundle" "$id" >"/run/oci-systemd-hook/$id"
	printf '{"ociVersion": "1.0.2", "id": "%s", "bundle": "%s", "status": "stopped"}' "$id" "$bundle" |
		{ ! "$hook" poststop 2>"$room/said"; }
	cat "$room/said"
	grep -q '"nonsense" is not a hierarchy and a path' "$room/said"
	[[ ! -e /sys/fs/cgroup/$id-made && ! -e /run/oci-systemd-hook ]]
}

@test "killed-before-the-record: poststop removes the directory that a start left empty" {
	mkdir -pm 700 /run/oci-systemd-hook
	printf '{"ociVersion": "1.0.2", "id": "%s", "bundle": "%s", "status": "stopped"}' "$id" "$bundle" | "$hook" poststop
	[[ ! -e /run/oci-systemd-hook ]]
}
