#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits that a payload could raise because of how its user namespace is mapped. On the unified view, where the limits' files are in the same cgroup.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

setup() {
	make_container limits runc "$(payload_tree 257 no)" \
		"private_cgroup | annotation(\"mode\"; \"always\") | hugetlb_limit($hugetlb_set) | shell(\"cat /proc/1/cgroup; cd /sys/fs/cgroup; echo max >hugetlb.2MB.max; find . -name 'hugetlb.2MB.max' -exec sh -c 'echo max >\$1' - {} ';'; sleep 5\")"
}

teardown() { drop_container; }

limit_stays() {
	local file
	change_bundle "$1 | .process.terminal = false"
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	runtime start "$id"
	sleep 1
	file=$(find /sys/fs/cgroup -path "*/$id/hugetlb.2MB.max")
	cat "$room/said" "$file"
	[[ $(<"$file") == "$hugetlb_set" ]]
}

@test "limit: without a user namespace" { limit_stays .; }

@test "limit: mapped-to-the-hosts-root: a user namespace whose root is the host's" { limit_stays 'user_namespace(0)'; }
