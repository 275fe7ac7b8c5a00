#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# From inside: a payload that tries to get out or up, with the engines' default capabilities, and with CAP_SYS_ADMIN in a user namespace. Beside it runs a second container.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

teardown() {
	runtime delete --force "$id-beside" >/dev/null 2>&1 || true
	drop_container
}

# tries USERNS FILTER: escape.sh in a container; what it says goes to $room/said.
tries() {
	make_container escape "${RUNTIME:-runc}" "$(payload_tree 257 "$1")" "annotation(\"mode\"; \"always\") | pids_limit($pids_set) | $2"
	change_bundle 'command(["sleep", "60"]) | .process.terminal = false' >/dev/null
	mkdir "$room/beside"
	jq --arg root "$rootfs" '.root.path = $root' "$bundle/config.json" >"$room/beside/config.json"
	runtime create --bundle "$room/beside" "$id-beside" </dev/null >"$room/said" 2>&1
	runtime start "$id-beside"
	change_bundle 'command(["bash", "/tmp/escape.sh"])'
	mkdir -p "$rootfs/tmp"
	cp "$BATS_TEST_DIRNAME/escape.sh" "$rootfs/tmp/"
	runtime run --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	cat "$room/said"
	[[ $(sed -n 's/^tried //p' "$room/said") -gt 40 ]]
}
# stays [PATTERN]: nothing worked, but for lines of this pattern.
stays() {
	if grep -vE "^tried ${1:+|$1}" "$room/said"; then return 1; fi
}

# Not with && between the two: left of it a failure within tries would go by.
@test "escape: default capabilities, private cgroup namespace" {
	tries no private_cgroup
	stays
}
@test "escape: default capabilities, the host's cgroup namespace" {
	tries no .
	stays
}
@test "escape: CAP_SYS_ADMIN in a user namespace, private cgroup namespace" {
	tries yes ".process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"]) | user_namespace($shift_by) | private_cgroup"
	stays '^mount: '
}
@test "escape: others' cgroups are not to be seen, in the host's cgroup namespace either" {
	make_container escape "${RUNTIME:-runc}" "$(payload_tree 257 no)" "annotation(\"mode\"; \"always\") | shell(\"find /sys/fs/cgroup /proc/1/root/sys/fs/cgroup -maxdepth 9 -type d; echo looked\")"
	mkdir "/sys/fs/cgroup/unified/$id-other" "/sys/fs/cgroup/systemd/$id-other"
	start_and_wait >"$room/said" 2>&1 || true
	change_bundle private_cgroup
	start_and_wait >>"$room/said" 2>&1 || true
	rmdir "/sys/fs/cgroup/unified/$id-other" "/sys/fs/cgroup/systemd/$id-other"
	cat "$room/said"
	[[ $(grep -c '^looked' "$room/said") == 2 ]]
	if grep -q "$id-other" "$room/said"; then return 1; fi
}
