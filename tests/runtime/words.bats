#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Commands as people write them in front of systemd: contract section 4. Run by tests/runtime/run.

# shellcheck disable=SC2016,SC2154 # the names are those of container.bash; what is not expanded is a script's
load in-a-view

setup() {
	make_container words runc "$(payload_tree 252 no)"
	write_script /entrypoint.sh 'exec "$@"'
	before=$(host_state)
}
teardown() { drop_container; }

write_script() { # PATH LINE...
	local path=$rootfs$1
	shift
	rm -f "$path"
	printf '%s\n' '#!/bin/sh' "$@" >"$path"
	chmod 755 "$path"
}

# command_is WORD...: that is the container's.
command_is() {
	change_bundle 'command($words)' --argjson words "$(printf '%s\n' "$@" | jq -Rn '[inputs]')"
}

# boots WORD...: the hook acts, and systemd is process 1, running.
boots() {
	command_is "$@"
	boot 60 || { tail -n 20 "$console" && return 1; }
	inside test -s /run/host/container-manager
	[[ $(inside systemctl is-system-running --wait) == running ]]
	[[ $(inside cat /proc/1/comm) == systemd ]]
	runtime kill "$id" KILL
	ended 20 || true
	runtime delete --force "$id"
	is_as_before "$before"
}

@test "words: bash -c without exec" { boots bash -c /sbin/init; }
@test "words: sh -c with exec, words and a redirection" { boots /bin/sh -c 'exec /sbin/init --log-target=console 2>&1'; }
@test "words: bash -lc" { boots bash -lc 'exec /lib/systemd/systemd'; }
@test "words: sh -ec, assignments and env" { boots sh -ec 'LANG=C exec env A=B /sbin/init'; }
@test "words: env -i" { boots /usr/bin/env -i PATH=/sbin:/usr/sbin:/usr/bin:/bin init; }
@test "words: a script that is given init" { boots /entrypoint.sh /sbin/init; }
@test "words: a shell, a script and a shell's line" { boots sh /entrypoint.sh sh -c 'exec /sbin/init'; }
@test "words: a script named init" {
	write_script /usr/sbin/init 'mkdir -p /run/from-a-script' 'exec /lib/systemd/systemd "$@"'
	boots /sbin/init
}
@test "words: a manager that is called otherwise" {
	cp "$rootfs/lib/systemd/systemd" "$rootfs/usr/bin/manager"
	boots manager
}
@test "words: a script that starts a manager elsewhere, with mode=always" {
	mkdir -p "$rootfs/gnu/store/abc-systemd/lib/systemd"
	mv "$rootfs/lib/systemd/systemd" "$rootfs/gnu/store/abc-systemd/lib/systemd/systemd"
	ln -sfn /gnu/store/abc-systemd/lib/systemd/systemd "$rootfs/lib/systemd/systemd"
	write_script /start 'true && exec /gnu/store/abc-systemd/lib/systemd/systemd'
	change_bundle 'annotation("mode"; "always")'
	boots /start
}

# refuses PATTERN WORD...: by plan, which takes the start's road.
refuses() {
	local pattern=$1 said
	shift
	command_is "$@"
	if said=$("$hook" plan --bundle "$bundle" 2>&1); then return 1; fi
	echo "$said"
	printf '%s\n' "$said" | grep -q -- "$pattern"
}

@test "words: before 247 without container=, refused with the cure" {
	rm "$rootfs/usr/sbin/init"
	cat /bin/true <(printf '\0systemd 219 running in %%ssystem mode (') >"$rootfs/usr/sbin/init"
	chmod 755 "$rootfs/usr/sbin/init"
	refuses '^refuses: systemd 219 .*add container=oci to the environment' /sbin/init
	refuses 'add container=oci' env -i /sbin/init
	"$hook" plan --bundle "$bundle" && return 1
	change_bundle 'command(["env", "container=oci", "/sbin/init"])'
	"$hook" plan --bundle "$bundle" | grep '^payload: systemd 219'
	change_bundle 'command(["/sbin/init"]) | environment("container=docker")'
	"$hook" plan --bundle "$bundle" | grep '^payload: systemd 219'
}
