#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# units=condition: a unit that could only fail here, for want of a capability, is skipped and not failed.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

teardown() { drop_container; }

# an_image FILTER: with a docker.service that fails, as it does without CAP_SYS_ADMIN, and a unit that requires it.
an_image() {
	make_container units "${RUNTIME:-runc}" "$(payload_tree 257 no)" "environment(\"TERM=dumb\") | $1"
	printf '[Unit]\nDescription=fails\n[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n' >"$rootfs/usr/lib/systemd/system/docker.service"
	printf '[Unit]\nRequires=docker.service\nAfter=docker.service\n[Service]\nExecStart=/bin/sleep 1000\n' >"$rootfs/usr/lib/systemd/system/needs.service"
	mkdir -p "$rootfs/etc/systemd/system/multi-user.target.wants"
	ln -s /usr/lib/systemd/system/docker.service /usr/lib/systemd/system/needs.service "$rootfs/etc/systemd/system/multi-user.target.wants/"
	boot 30
}

@test "units: one that lacks its capability is skipped, and what requires it runs" {
	an_image .
	[[ $(inside systemctl is-system-running --wait) == running ]]
	[[ $(inside systemctl show -P ConditionResult docker.service) == no ]]
	[[ $(inside systemctl show -P ActiveState needs.service) == active ]]
	# its status is 3, as the unit is not active
	inside systemctl status docker.service >"$room/status" || (($? == 3))
	grep 'ConditionCapability=CAP_SYS_ADMIN was not met' "$room/status"
	"$hook" plan --bundle "$bundle" | grep -x 'note: docker.service is skipped: CAP_SYS_ADMIN is not given to this container'
}

@test "units: keep leaves them as they are" {
	an_image 'annotation("units"; "keep")'
	[[ $(inside systemctl is-system-running --wait || true) == degraded ]]
	[[ $(inside systemctl show -P Result docker.service) == exit-code ]]
}

@test "units: one whose capability is given is started" {
	an_image '(.process.capabilities[]) |= (. + ["CAP_SYS_ADMIN"])'
	[[ $(inside systemctl is-system-running --wait || true) == degraded ]]
	[[ $(inside systemctl show -P ConditionResult docker.service) == yes ]]
}

# boot_unit NAME LINES...: a unit of that name, wanted by the machine.
boot_unit() {
	make_container units "${RUNTIME:-runc}" "$(payload_tree 257 no)" 'environment("TERM=dumb")'
	printf '%s\n' "${@:2}" >"$rootfs/usr/lib/systemd/system/$1"
	mkdir -p "$rootfs/etc/systemd/system/multi-user.target.wants"
	ln -s "/usr/lib/systemd/system/$1" "$rootfs/etc/systemd/system/multi-user.target.wants/"
	boot 30
}

# systemd from 255 on wants to keep CAP_SYS_ADMIN for the time in which it lays the filter.
@test "units: polkit, a user's with a filter of system calls, runs without CAP_SYS_ADMIN" {
	boot_unit polkit.service '[Service]' User=nobody NoNewPrivileges=yes SystemCallFilter=@system-service 'ExecStart=/bin/sleep 1000'
	[[ $(inside systemctl is-system-running --wait) == running ]]
	[[ $(inside systemctl show -P ActiveState polkit.service) == active ]]
	[[ $(inside sed -n 's/^Seccomp:\t//p' "/proc/$(inside systemctl show -P MainPID polkit.service)/status") == 2 ]]
	"$hook" plan --bundle "$bundle" | grep -x 'note: polkit.service starts with SystemCallFilter=~capset: CAP_SYS_ADMIN is not given to this container'
}

@test "units: haproxy, which binds its log socket, runs without CAP_SYS_ADMIN" {
	boot_unit haproxy.service '[Service]' BindReadOnlyPaths=/dev/log:/var/log/log 'ExecStart=/bin/sleep 1000'
	[[ $(inside systemctl is-system-running --wait) == running ]]
	[[ $(inside systemctl show -P ActiveState haproxy.service) == active ]]
}

@test "units: auditd is skipped with its capability too" {
	make_container units "${RUNTIME:-runc}" "$(payload_tree 257 no)" '(.process.capabilities[]) |= (. + ["CAP_AUDIT_CONTROL"])'
	printf '[Service]\nExecStart=/bin/false\n' >"$rootfs/usr/lib/systemd/system/auditd.service"
	"$hook" plan --bundle "$bundle" | grep -x 'note: auditd.service is skipped: CAP_AUDIT_CONTROL does not count in a container'
}

@test "units: a mount that a generator of the image makes is skipped" {
	make_container units "${RUNTIME:-runc}" "$(payload_tree 257 no)" 'environment("TERM=dumb")'
	printf '#!/bin/sh\nprintf "[Mount]\\nWhat=sunrpc\\nWhere=/run/rpc_pipefs\\nType=rpc_pipefs\\n" >$1/run-rpc_pipefs.mount\nmkdir $1/multi-user.target.requires\nln -s ../run-rpc_pipefs.mount $1/multi-user.target.requires/\n' \
		>"$rootfs/usr/lib/systemd/system-generators/rpc-pipefs-generator"
	chmod 755 "$rootfs/usr/lib/systemd/system-generators/rpc-pipefs-generator"
	boot 30
	[[ $(inside systemctl is-system-running --wait) == running ]]
	[[ $(inside systemctl show -P ConditionResult run-rpc_pipefs.mount) == no ]]
}
