#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A process that does not see the container's rootfs, as gVisor's runtime names one: no container fails for it, and none is
# prepared. Where runsc is installed (RUNSC), whole containers of it. Run by tests/runtime/run.

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
			"$hook" "$stage" 2>&1
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

@test "sandbox: a rootfs that is nowhere is an error all the same" {
	prestart '.root.path = "missing"' | grep -c 'cannot open the rootfs .*/missing' | grep -x 2
}

@test "sandbox: containers of runsc start as without the hook" {
	runsc=${RUNSC:-$(command -v runsc || true)}
	[[ $runsc ]] || skip "no runsc"
	local mode with without
	for mode in auto always; do
		change_bundle "shell(\"echo hello; cat /proc/mounts\") | annotation(\"mode\"; \"$mode\")"
		with=$(timeout 120 "$runsc" --root "$room/runsc" --network=none --ignore-cgroups run --bundle "$bundle" "$id" 2>&1)
		change_bundle 'del(.hooks)'
		without=$(timeout 120 "$runsc" --root "$room/runsc" --network=none --ignore-cgroups run --bundle "$bundle" "$id" 2>&1)
		diff <(echo "$without") <(echo "$with")
		grep -q hello <<<"$with"
		change_bundle "hook(\"$hook\")"
	done
}
