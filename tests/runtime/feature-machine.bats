#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# machine=on: what systemd-machined is asked, and what becomes of a start where it refuses, is silent or is not there. The real one is in the
# virtual machine (tests/vm/jobs/host). Run by tests/runtime/run, in a view whose /run is the test's own.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view
load feature

on='annotation("machine"; "on") | allow("machine") | annotation("mode"; "always")'
machine_id=0123456789abcdef0123456789abcdef

setup() {
	feature_container 252 no "$on | annotation(\"machine-id\"; \"$machine_id\") | command([\"/bin/sleep\", \"1000\"])"
	change_bundle '.linux.cgroupsPath = $path' --arg path "/cell-$id.scope"
	listen
}
teardown() {
	[[ ! ${machined:-} ]] || kill "$machined"
	stop_listening
	runtime delete --force "$id" 2>/dev/null || true
	drop_container
}

# machined [ANSWER]: at its customary place.
machined() {
	mkdir -p /run/systemd/machine
	"$top/tests/lib/varlink-listener" /run/systemd/machine/io.systemd.Machine "$room/asked" "$@" 3>&- &
	machined=$!
	until [[ -e $room/asked ]]; do sleep 0.01; done
}
has() { grep -qxE -- "$1" "$room/journal"; }
# starts: with its hooks, up to the payload. Shows what was said.
starts() {
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1 || {
		cat "$room/said"
		return 1
	}
	sleep 0.1
	cat "$room/journal"
}

@test "machine: machined hears the container's id, machine-id and first process" {
	machined '{"parameters":{}}'
	starts
	jq -e --arg id "$id" --arg machine_id "$machine_id" --argjson leader "$(first_process)" '.method == "io.systemd.Machine.Register" and
		(.parameters | .name == $id and .leader == $leader and .class == "container" and .service == "oci-systemd-hook" and .id == $machine_id)' "$room/asked"
	not has 'MESSAGE=.*machine=on.*'
}

@test "machine: what machined refuses is said, and the container starts" {
	machined '{"error":"io.systemd.Machine.MachineExists","parameters":{}}'
	starts
	has "MESSAGE=$id: machine=on has no effect: systemd-machined answers io.systemd.Machine.MachineExists"
}

@test "machine: a machined that hangs up is no reason to wait" {
	machined ''
	starts
	has "MESSAGE=$id: machine=on has no effect: .*systemd-machined.*"
}

@test "machine: a machined that never answers costs five seconds, and nothing of the hook's stays" {
	local began=$SECONDS
	machined
	starts
	((SECONDS - began < 15))
	has "MESSAGE=$id: machine=on has no effect: systemd-machined did not answer within 5 s"
	[[ ! $(pgrep -f -- "$hook" --ns $$ --nslist mnt) ]]
}

@test "machine: without machined and D-Bus the container starts, and is told" {
	starts
	has "MESSAGE=$id: machine=on has no effect: .*"
}

@test "machine: what another feature could not have is said, too" {
	change_bundle 'annotation("lxcfs"; "on") | .hooks |= map_values(map(.args |= map(sub("=machine$"; "=machine,lxcfs"))))'
	starts
	has "MESSAGE=$id: lxcfs=on has no effect: .*"
	has "MESSAGE=$id: machine=on has no effect: .*"
}

@test "machine: a hook that is registered twice registers once" {
	machined '{"parameters":{}}'
	change_bundle '.hooks.prestart += .hooks.prestart'
	starts
	[[ $(wc -l <"$room/asked") == 1 ]]
	not has 'MESSAGE=.*machine=on.*'
}

@test "machine: without a scope of the container's own the start is refused, and machined is not asked" {
	machined '{"parameters":{}}'
	before=$(host_state)
	is_refused 'machine: the container has no systemd scope of its own: its cgroup is /.*systemd' '.linux.cgroupsPath = "/cells.service"'
	[[ ! -s $room/asked ]]
}

@test "machine: an id that is no name of a machine is refused before the start" {
	run "$hook" --allow=machine plan --bundle "$bundle" --id my_box
	echo "$output"
	((status == 1))
	[[ $output == *'machine=on: "my_box" is no name for a machine; give the container an id of letters, digits, - and ., of at most 64 characters'* ]]
}
