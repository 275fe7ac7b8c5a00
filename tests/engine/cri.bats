#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is so for pods alone: the kubelet's part, with the commands of contrib/kubernetes.

# shellcheck disable=SC1090,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load words

# command_of ENTRY: the command that the example has there, word by word.
command_of() { sed -n "/^ *$1:\$/,/command:/ s/.*command: //p" "$top/contrib/kubernetes/pod.yaml" | jq -r '.[]'; }

@test "the example's probes and preStop do what they are for" {
	local entry words began took
	# Its image knows no STOPSIGNAL: what comes after preStop is a SIGTERM.
	boots 262
	for entry in startupProbe readinessProbe; do
		mapfile -t words < <(command_of $entry)
		inside "$name" "${words[@]}"
	done
	mapfile -t words < <(command_of preStop)
	began=${EPOCHREALTIME/./}
	inside "$name" "${words[@]}"
	stop "$name"
	took=$((${EPOCHREALTIME/./} - began))
	echo "stopped in $((took / 1000)) ms with status $(exit_status "$name")"
	((took < 5000000))
	[[ $(exit_status "$name") == 0 ]]
}

@test "a new container in the same pod" {
	boots 252
	stop "$name"
	rm "/var/log/pods/$name/machine.log"
	jq '.metadata.attempt = 1' "$places/$name/container.json" >"$places/$name/new"
	mv "$places/$name/new" "$places/$name/container.json"
	run_container "$name"
	runs "$name"
}

@test "a pod's pause container is left alone" {
	boots 252
	local id pid
	id=$(jq -r .pod_sandbox_id "$places/$name/sandbox.json")
	pid=$(ctr --namespace k8s.io task ls | awk -v id="$id" '$1 == id {print $2}')
	grep -q busybox "/proc/$pid/comm" || grep -q sleep "/proc/$pid/comm"
	run ! grep -E '^([^ ]* ){4}/(run|run/host|tmp|etc/machine-id) ' "/proc/$pid/mountinfo"
	run ! grep payload "/proc/$pid/cgroup"
}

@test "shareProcessNamespace is refused" {
	pid_namespace=POD
	run start "$name" 252
	echo "$output"
	((status))
	[[ $output == *'needs a pid namespace of its own'* ]]
}
