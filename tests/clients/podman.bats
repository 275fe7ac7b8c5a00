#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Clients of Podman, by the examples of contrib/. Run by tests/engine/lane.

# shellcheck disable=SC1090,SC1091,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load ../engine/words

setup() {
	BATS_TEST_DIRNAME=$BATS_TEST_DIRNAME/../engine load_driver
	. "$top/tests/clients/cells.bash"
	name=box bad=0 copy_to=/tmp
	machine 262
}

@test "podman run" {
	client=podman-run
	try up start box 262
	all_cells box "podman restart --time 20 box" podman stop --time 20 box
}

@test "podman run, a size alone" {
	client=podman-size
	start_command=(podman run --detach --tty --annotation org.oci-systemd-hook.tmpfs.tmp=64m)
	try up start box 252
	try state is_up_and_running box
	try size eval 'inside box findmnt --noheadings --output SIZE /tmp | grep -qx "  *64M\|64M"'
	((bad == 0))
}

@test "podman run, a misspelt key" {
	client=podman-misspelt
	run podman run --detach --tty --name box --annotation org.oci-systemd-hook.mod=auto systemd:252
	echo "$output"
	try refused eval '((status != 0))'
	try named grep -q 'org.oci-systemd-hook.mod' /var/log/messages
	((bad == 0))
}

@test "podman kube play" {
	client=kube-play
	# A pod has no network here, as every container of this machine.
	try up podman kube play --network none "$examples/podman/pod.yaml"
	all_cells machine-systemd "podman restart --time 20 machine-systemd" podman stop --time 20 machine-systemd
	podman pod rm --force --all
}

@test "podman kube generate, and play" {
	client=kube-generate
	start box 262
	podman kube generate box >/var/lib/engine/kube.yaml
	cat /var/lib/engine/kube.yaml
	try annotation grep -q 'org.oci-systemd-hook.mode/box' /var/lib/engine/kube.yaml
	podman rm --force --time 0 box
	try up podman kube play --network none /var/lib/engine/kube.yaml
	try state is_up_and_running box-pod-box
	try hook eval '[[ $(inside box-pod-box cat /run/host/container-manager) == oci ]]'
	podman pod rm --force --all
	((bad == 0))
}

@test "podman-compose" {
	client=podman-compose
	# No network here either; podman-compose makes one unless told.
	printf 'services:\n  machine:\n    network_mode: none\n' >/var/lib/engine/offline.yaml
	in_project() { podman-compose --project-name clients --no-ansi --file "$examples/podman/compose.yaml" --file /var/lib/engine/offline.yaml "$@"; }
	try up in_project up --detach
	all_cells clients_machine_1 "in_project restart" in_project stop --timeout 20
}

@test "Quadlet" {
	client=quadlet
	mkdir -p /etc/containers/systemd
	cp "$examples/podman/machine.container" /etc/containers/systemd
	/usr/libexec/podman/quadlet --dryrun >/var/lib/engine/unit 2>&1 || /usr/lib/podman/quadlet --dryrun >/var/lib/engine/unit 2>&1
	cat /var/lib/engine/unit
	try generated grep -qE 'ExecStart=.*--annotation "?org.oci-systemd-hook.mode=auto' /var/lib/engine/unit
	((bad == 0))
}
