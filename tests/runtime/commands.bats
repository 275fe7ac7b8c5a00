#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command line, and what `plan` says: the same as a start, refusals included. Run by tests/runtime/run.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() { make_container commands runc "$(payload_tree 252 no)"; }
teardown() { drop_container; }

# says STATUS PATTERN WORD...: the hook's exit status, and a line of what it prints.
says() {
	local wanted=$1 pattern=$2 status=0
	shift 2
	"$hook" "$@" </dev/null >"$room/said" 2>&1 || status=$?
	echo "status $status: $(head -c 3000 "$room/said")"
	((status == wanted))
	grep -qE -- "$pattern" "$room/said"
}

@test "help: -h, help and --help print the usage" {
	for word in -h help --help 'plan --help' '--mode=auto help'; do
		# shellcheck disable=SC2086
		says 0 '^  plan ' $word
	done
}

@test "usage: an unknown word, and what is expected" {
	says 2 'plna: unknown stage or command; expected prestart, createRuntime, poststop' plna
	says 2 '^oci-systemd-hook: --bunlde: unknown option' --bunlde
	says 2 '^oci-systemd-hook: --json is only valid with: plan' --json prestart
	says 2 '^oci-systemd-hook: --id is only valid with: plan' prestart --id x
	says 2 '^oci-systemd-hook: plan: --bundle DIR is missing' plan
	says 2 '^oci-systemd-hook: --bundle: the value is missing' plan --bundle
	says 2 '^oci-systemd-hook: poststop: more than one stage' prestart poststop
	says 2 '^oci-systemd-hook: more: unexpected word' plan more --bundle /
}

@test "plan: the machine-id of the container that is named, else what it depends on" {
	says 0 "^machine-id: derived from the container's id" plan --bundle "$bundle"
	says 0 '^machine-id: 0123456789abcdef0123456789abcdef$' plan --bundle "$bundle" --id 0123456789abcdef0123456789abcdef
	says 0 '^machine-id: [0-9a-f]{32}$' plan --bundle "$bundle" --id=web1
	says 1 '^oci-systemd-hook: --id: ' plan --bundle "$bundle" --id ../x
	says 1 '^oci-systemd-hook: --id: ' plan --bundle "$bundle" --id ''
	[[ $("$hook" plan --bundle "$bundle" --json | jq '[.machineId, .machineIdDependsOnId]' -c) == '[null,true]' ]]
	says 0 "^machine-id: the image's" --machine-id=image plan --bundle "$bundle"
}

@test "plan: what a start skips" {
	change_bundle 'command(["/bin/sh"])'
	says 0 '^skips: /bin/sh ' plan --bundle "$bundle"
	change_bundle 'command(["/sbin/init"]) | environment("oci-systemd-hook=disabled")'
	says 0 '^skips: oci-systemd-hook=disabled' plan --bundle "$bundle"
	says 0 '^skips: mode=off' --mode=off plan --bundle "$bundle"
}

@test "plan: what a start refuses" {
	says 1 '^oci-systemd-hook: .*/nowhere' plan --bundle /nowhere
	change_bundle '.linux.namespaces |= map(select(.type != "pid"))'
	says 1 '^refuses: .*pid namespace' plan --bundle "$bundle"
	[[ $("$hook" plan --bundle "$bundle" --json | jq -r .refused) == *"pid namespace"* ]]
}

@test "plan: a cgroup2 that is mounted at an unusual place is found, as by a start" {
	mkdir "$room/elsewhere"
	mount --bind /sys/fs/cgroup/unified "$room/elsewhere"
	unshare -m --propagation private sh -c 'umount /sys/fs/cgroup/unified; exec "$@"' sh \
		"$hook" --cgroup=unified plan --bundle "$bundle" >"$room/said"
	cat "$room/said"
	grep -qE "hold +cgroup2 from $room/elsewhere" "$room/said"
}

@test "plan: the rootfs that the image's command is in is not changed" {
	"$hook" plan --bundle "$bundle"
	[[ ! $(find "$upper" -mindepth 1) ]]
}
