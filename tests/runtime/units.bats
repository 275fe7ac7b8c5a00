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
