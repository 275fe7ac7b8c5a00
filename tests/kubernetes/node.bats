#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The example pod under a real kubelet. Run by tests/engine/lane for tests/kubernetes/node.

# shellcheck disable=SC1090,SC2016,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load ../engine/words

setup() {
	BATS_TEST_DIRNAME=$BATS_TEST_DIRNAME/../engine load_driver
	name=c$BATS_TEST_NUMBER
}

# ready: and no unit has failed.
ready() {
	within 90 is_ready "$name" || {
		status "$name"
		tail -n 20 /var/log/kubelet
		return 1
	}
	runs "$name"
}

# the_machine: the pod that is pod.yaml; checks go on with it in turn.
the_machine() {
	name=machine
	[[ -e $manifests/machine.json ]] || place_as_it_is "$name"
	ready
}

# again: its container has ended, and the next one is up. What the first one left is the status's lastState.
again() {
	within 60 says "$name" '.restartCount == 1 and .state.running != null'
	status "$name" '.containerStatuses[0].lastState'
	within 60 is_ready "$name"
	within 60 is_running "$name"
}

# ends CONTAINER STATUS: with this exit status.
ends() { within 60 has_ended "$@"; }
has_ended() { [[ $(exit_status "$1") == "$2" ]]; }

@test "pod.yaml is Ready" {
	the_machine
}

@test "the pod's limits" {
	the_machine
	local id file
	id=$(full_id "$name")
	file=$(find /sys/fs/cgroup/pids -path "*/kubepods/burstable/pod*/$id")
	[[ $(<"$file/../pids.max") == 400 ]]
	[[ $(<"${file/pids/memory}/../memory.limit_in_bytes") == 536870912 ]]
	# More processes than that it does not get.
	run inside "$name" perl -e 'while (@pids < 450) { $pid = fork; last if !defined $pid; if (!$pid) { sleep 60; exit } push @pids, $pid }
		kill 9, @pids; print scalar @pids'
	echo "$output"
	((output > 100 && output < 400))
}

@test "the container's limits" {
	the_machine
	local id file
	id=$(full_id "$name")
	file=$(find /sys/fs/cgroup/memory -path "*/kubepods/burstable/pod*/$id")
	[[ $(<"$file/memory.limit_in_bytes") == 536870912 ]]
	[[ $(<"${file/memory/cpu}/cpu.shares") == 102 ]]
	# More memory than that is the end of who asks for it, and of nobody else.
	run inside "$name" sh -c 'head -c 700m /dev/zero | tail -c 700m >/dev/null'
	echo "$status: $output"
	((status == 137))
	is_running "$name"
	says "$name" '.restartCount == 0'
	# It cannot take them off.
	run inside "$name" sh -c 'find /sys/fs/cgroup -name memory.limit_in_bytes -exec sh -c "echo -1 >{}" \;'
	[[ $(<"$file/memory.limit_in_bytes") == 536870912 ]]
}

@test "the kubelet starts anew" {
	the_machine
	local before
	before=$(full_id "$name" && inside "$name" sh -c 'stat -c %Y /proc/1; cat /etc/machine-id')
	kubelet_down
	kubelet_up
	within 60 is_ready "$name"
	sleep 6
	[[ $(full_id "$name" && inside "$name" sh -c 'stat -c %Y /proc/1; cat /etc/machine-id') == "$before" ]]
	says "$name" '.restartCount == 0'
	is_running "$name"
}

@test "poweroff, with its last words" {
	the_machine
	inside "$name" sh -c 'printf "the end" >/dev/termination-log; systemctl poweroff --no-block'
	again
	says "$name" '.lastState.terminated | .exitCode == 0 and .message == "the end"'
}

# A kubelet of 1.20 kills what is in the cgroup of a static pod as soon as its manifest is gone, unless the pod has a volume.
with_volume='.spec.volumes = [{name: "kept", emptyDir: {}}] | .spec.containers[0].volumeMounts = [{name: "kept", mountPath: "/srv"}]'

# ends_with STATUS: the container, when its pod is taken away, after as many seconds as $took says.
ends_with() {
	local id began
	ready
	id=$(full_id "$name") began=$SECONDS
	take_away "$name"
	ends "$id" "$1"
	took=$((SECONDS - began))
}

@test "preStop, with another systemd" {
	# Its image knows no STOPSIGNAL: what comes after preStop is a SIGTERM.
	place "$name" "$with_volume" 262
	ends_with 0
	((took < 20))
}

@test "STOPSIGNAL" {
	place "$name" "$with_volume | del(.spec.containers[0].lifecycle)"
	ends_with 0
	((took < 20))
}

@test "the grace period is the end" {
	# Neither a preStop nor a STOPSIGNAL: on SIGTERM systemd executes itself anew.
	place "$name" "$with_volume | del(.spec.containers[0].lifecycle) | .spec.terminationGracePeriodSeconds = 8" 262
	ends_with 137
	((took >= 8 && took < 30))
}

@test "liveness restarts it" {
	local first
	place "$name" '.spec.containers[0].livenessProbe = {exec: {command: ["test", "!", "-e", "/run/unwell"]}, periodSeconds: 2,
		timeoutSeconds: 5}'
	ready
	first=$(full_id "$name")
	inside "$name" touch /run/unwell
	again
	[[ $(full_id "$name") != "$first" ]]
	# By preStop, and so in order.
	says "$name" '.lastState.terminated.exitCode == 0'
}

@test "poweroff, with its last words in /run" {
	place "$name" '.spec.containers[0].terminationMessagePath = "/run/last-words"'
	ready
	inside "$name" sh -c 'printf "the end" >/run/last-words; systemctl poweroff --no-block'
	again
	says "$name" '.lastState.terminated | .exitCode == 0 and .message == "the end"'
}

@test "read-only, RuntimeDefault" {
	place "$name" '.spec.containers[0].securityContext = {readOnlyRootFilesystem: true, seccompProfile: {type: "RuntimeDefault"}}'
	ready
	run ! inside "$name" touch /usr/written
	inside "$name" grep 'Seccomp:.*2' /proc/1/status
}

@test "emptyDir on /run and /tmp" {
	place "$name" '.spec.volumes = [{name: "run", emptyDir: {medium: "Memory"}}, {name: "tmp", emptyDir: {}}]
		| .spec.containers[0].volumeMounts = [{name: "run", mountPath: "/run"}, {name: "tmp", mountPath: "/tmp"}]'
	ready
	inside "$name" sh -c 'touch /tmp/there; test -d /run/lock'
	find /var/lib/kubelet/pods -path '*empty-dir/tmp/there' | grep .
}

@test "emptyDir on /run, of the disk" {
	place "$name" '.spec.volumes = [{name: "run", emptyDir: {}}] | .spec.containers[0].volumeMounts = [{name: "run", mountPath: "/run"}]'
	ready
}

@test "a volume below /run/secrets" {
	# A kubelet alone makes no tokens.
	mkdir -p "$node/account"
	echo token >"$node/account/token"
	place "$name" ".spec.volumes = [{name: \"account\", hostPath: {path: \"$node/account\"}}]
		| .spec.containers[0].volumeMounts = [{name: \"account\", mountPath: \"/var/run/secrets/kubernetes.io/serviceaccount\", readOnly: true}]"
	ready
	[[ $(inside "$name" cat /run/secrets/kubernetes.io/serviceaccount/token) == token ]]
	run ! inside "$name" touch /run/secrets/kubernetes.io/serviceaccount/written
}

@test "a side-car is left alone" {
	local id pid
	place "$name" '.spec.containers += [{name: "side", image: "docker.io/library/pause:1", imagePullPolicy: "Never",
		command: ["/busybox", "sleep", "100000"]}]'
	ready
	id=$(status "$name" '.containerStatuses[] | select(.name == "side").containerID' | tr -d '"')
	pid=$(ctr --namespace k8s.io task ls | awk -v id="${id#containerd://}" '$1 == id {print $2}')
	grep -q sleep "/proc/$pid/cmdline"
	run ! grep -E '^([^ ]* ){4}/(run|run/host|tmp|etc/machine-id) ' "/proc/$pid/mountinfo"
	run ! grep payload "/proc/$pid/cgroup"
}

@test "shareProcessNamespace is refused in the status" {
	place "$name" '.spec.shareProcessNamespace = true'
	within 60 says "$name" '[.state, .lastState] | .. | .message? // empty | strings | contains("needs a pid namespace of its own")'
	status "$name" '.containerStatuses[0] | [.state, .lastState]'
}
