#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# gVisor's runtime: its containers start as without the hook. Run by tests/runtime/run, where runsc is installed (RUNSC).

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() { make_container sandbox runc "$(payload_tree 252 no)" '.process.terminal = false'; }

teardown() { drop_container; }

@test "sandbox: containers of runsc start as without the hook" {
	local runsc=${RUNSC:-runsc} mode with without
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
