#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A process that does not see the container's rootfs, as gVisor's runtime names one: no container fails for it, and none is
# prepared. Run by tests/runtime/run.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() {
	make_container sandbox runc "$(payload_tree 252 no)" '.process.terminal = false'
	# In an empty root and a mount namespace of its own, like a sandbox's process.
	mkdir "$room/empty"
	cp "$(command -v busybox)" "$room/empty/busybox"
	unshare -m chroot "$room/empty" /busybox sleep 300 &
	sandbox=$!
	until [[ $(readlink /proc/$sandbox/root) == "$room/empty" ]]; do sleep 0.01; done
	before=$(host_state)
}

teardown() {
	kill "$sandbox"
	drop_container
}

# prestart FILTER: with status 0, by both names of the stage; what it says is printed.
prestart() {
	local stage
	change_bundle "$1"
	for stage in prestart createRuntime; do
		jq -n --arg id "$id" --arg bundle "$bundle" --argjson pid "$sandbox" --slurpfile config "$bundle/config.json" \
			'{ociVersion: "1.0.2", id: $id, status: "creating", pid: $pid, bundle: $bundle, annotations: ($config[0].annotations // {})}' |
			"$hook" "$stage" 2>&1 || echo "status $?"
	done
	is_as_before "$before" >&2
}

@test "sandbox: a shell, with mode auto" {
	[[ ! $(prestart 'command(["/bin/sh"]) | annotation("mode"; "auto")') ]]
	[[ ! $(prestart 'command(["/bin/sh"]) | del(.annotations)') ]]
}

@test "sandbox: a command that is missing" { [[ ! $(prestart 'command(["/missing"])') ]]; }

# The journal's line says why: tests/unit/decide.c has the words.
@test "sandbox: systemd, and mode=always, are no error" {
	[[ ! $(prestart .) ]]
	[[ ! $(prestart 'command(["/bin/sh"]) | annotation("mode"; "always")') ]]
}

@test "sandbox: a rootfs that is nowhere on the host, as of a guest that fetches it itself" {
	[[ ! $(prestart '.root.path = "missing" | command(["/bin/sh"]) | del(.annotations)') ]]
	[[ ! $(prestart '.root.path = "missing"') ]]
}
