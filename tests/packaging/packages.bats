#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Debian packages on a machine that never had the hook: installed, booted with, removed. Run by tests/engine/lane, for Podman.

# shellcheck disable=SC1090,SC1091,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load ../engine/words

setup() {
	BATS_TEST_DIRNAME=$BATS_TEST_DIRNAME/../engine load_driver
	name=box packages=$top/build/packages
}

left() { find / -xdev \( -path /proc -o -path /old -o -path "$top" -o -path "$cache" -o -path /tmp \) -prune -o -name '*oci-systemd-*' -print | grep -v /var/lib/dpkg; }

@test "nothing of the hook is here" {
	run left
	echo "$output"
	[[ ! $output ]]
}

@test "install, boot, remove" {
	dpkg -i "$packages"/oci-systemd-hook_*.deb
	oci-systemd-hook --version
	start box 252
	runs box
	[[ $(inside box cat /run/host/container-manager) == oci ]]
	remove_all
	dpkg -P oci-systemd-hook
	run left
	echo "$output"
	[[ ! $output ]]
	# And containers start as they did.
	podman run --detach --name plain systemd:252 sleep 1000
}

@test "the device is never without its hook" {
	run ! dpkg -i "$packages"/oci-systemd-hook-cdi_*.deb
	dpkg -P oci-systemd-hook-cdi
	dpkg -i "$packages"/oci-systemd-hook_*.deb "$packages"/oci-systemd-hook-cdi_*.deb "$packages"/oci-systemd-hook-docker_*.deb
	rm /usr/share/containers/oci/hooks.d/systemd-hook.json
	podman run --detach --tty --device oci-systemd-hook.org/systemd=auto --name box systemd:252
	runs box
	[[ $(inside box cat /run/host/container-manager) == oci ]]
	run ! dpkg -P oci-systemd-hook
	[[ -x /usr/libexec/oci/hooks.d/oci-systemd-hook ]]
	remove_all
	dpkg -P oci-systemd-hook-docker oci-systemd-hook-cdi oci-systemd-hook
	run left
	echo "$output"
	[[ ! $output ]]
}
