#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# boot=lean: the same services run, and what has nothing to do in a container does not start. What the image has work for stays.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

teardown() { drop_container; }

# lean VERSION [COMMAND]: boot it lean; COMMAND changes the image first.
lean() {
	make_container lean "${RUNTIME:-runc}" "$(payload_tree "$1" no)" 'annotation("boot"; "lean") | environment("TERM=dumb")'
	[[ ! ${2:-} ]] || (cd "$rootfs" && eval "$2")
	boot 30
	[[ $(inside systemctl is-system-running --wait) == running ]]
}
is_masked() { [[ $(inside readlink "/run/systemd/system-generators/$1") == /dev/null ]]; }
was_skipped() { [[ $(inside systemctl show -P ConditionResult "$1") == no && $(inside systemctl show -P ActiveState "$1") == inactive ]]; }

same_services() {
	local full
	make_container full "${RUNTIME:-runc}" "$(payload_tree "$1" no)" 'environment("TERM=dumb")'
	boot 30
	[[ $(inside systemctl is-system-running --wait) == running ]]
	full=$(inside systemctl list-units --no-legend --plain --state=running | awk '{ print $1 }' | sort)
	drop_container
	lean "$1"
	diff <(echo "$full") <(inside systemctl list-units --no-legend --plain --state=running | awk '{ print $1 }' | sort)
	[[ ! $(inside systemctl list-units --no-legend --plain --failed) ]]
	inside journalctl -q -n 1 --no-pager | grep .
	inside loginctl list-sessions --no-pager >/dev/null
	is_masked systemd-fstab-generator
	was_skipped systemd-remount-fs.service
	inside systemctl poweroff || true
	ended 20
}

@test "lean: 247 runs the same services" { same_services 247; }
@test "lean: 252 runs the same services" { same_services 252; }
@test "lean: 257 runs the same services" { same_services 257; }
@test "lean: 262 runs the same services" { same_services 262; }

@test "lean: a line of fstab is mounted" {
	lean 257 'mkdir srv/x; echo "tmpfs /srv/x tmpfs nofail,noauto 0 0" >etc/fstab'
	[[ $(inside systemctl show -P LoadState srv-x.mount) == loaded ]]
	! is_masked systemd-fstab-generator
}

@test "lean: a script of init.d without a unit runs" {
	lean 252 'printf "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: own\n# Default-Start: 2 3 4 5\n### END INIT INFO\necho ran >/run/own\n" >etc/init.d/own
		chmod 755 etc/init.d/own; for level in 2 3 4 5; do ln -s ../init.d/own etc/rc$level.d/S01own; done'
	[[ $(inside cat /run/own) == ran ]]
}

@test "lean: rc.local runs" {
	lean 252 'printf "#!/bin/sh\necho ran >/run/own\n" >etc/rc.local; chmod 755 etc/rc.local'
	[[ $(inside cat /run/own) == ran ]]
}

@test "lean: a unit that the image enabled by hand starts" {
	lean 257 'mkdir -p etc/systemd/system/multi-user.target.wants; ln -s /usr/lib/systemd/system/ldconfig.service etc/systemd/system/multi-user.target.wants/'
	[[ $(inside systemctl show -P ConditionResult ldconfig.service) == yes ]]
}

@test "lean: a cache that is older than its sources is made anew" {
	lean 257 'mkdir -p usr/local/lib; touch -d "+1 day" usr/local/lib'
	[[ $(inside systemctl show -P ConditionResult ldconfig.service) == yes ]]
}

@test "lean: a user of sysusers.d that the image does not have yet is made" {
	lean 257 'echo "u newcomer - - /nonexistent" >usr/lib/sysusers.d/newcomer.conf; touch -d "+1 day" usr/lib/sysusers.d'
	inside id newcomer
}

@test "lean: rules of the image for /dev are followed" {
	lean 257 'echo "L /dev/own - - - - null" >etc/tmpfiles.d/own.conf'
	[[ $(inside readlink /dev/own) == null ]]
}

@test "lean: a unit that requires one which does not start still starts" {
	lean 257 'printf "[Unit]\nRequires=systemd-remount-fs.service\nAfter=systemd-remount-fs.service\n[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n" >etc/systemd/system/own.service
		mkdir -p etc/systemd/system/multi-user.target.wants; ln -s ../own.service etc/systemd/system/multi-user.target.wants/'
	[[ $(inside systemctl show -P ActiveState own.service) == active ]]
}
