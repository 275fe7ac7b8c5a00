#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manifests of contrib/kubernetes in a cluster of one node. Run by tests/engine/lane for tests/kubernetes/node.

# shellcheck disable=SC1090,SC2016,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load ../engine/words

setup() {
	BATS_TEST_DIRNAME=$BATS_TEST_DIRNAME/../engine load_driver
	name=machine
}
teardown() {
	if [[ ! $BATS_TEST_COMPLETED ]]; then
		kubectl describe pod
		kubectl get events | grep -v OOM | tail -n 20
		tail -n 5 /var/log/messages
	fi
}

ready() {
	within 120 is_ready "$name"
	runs "$name"
}
gone() { ! kubectl get pod "$1" >/dev/null 2>&1; }

# Checks go on with its pod in turn.
@test "pod.yaml, by its RuntimeClass" {
	example pod.yaml | kubectl apply -f -
	ready
	[[ $(kubectl get pod machine --output=jsonpath='{.spec.runtimeClassName} {.status.containerStatuses[0].restartCount}') == 'systemd 0' ]]
}

@test "kubectl exec" {
	[[ $(kubectl exec machine -- systemctl is-system-running) == running ]]
	run kubectl exec machine -- sh -c 'exit 7'
	((status == 7))
}

@test "kubectl logs" {
	kubectl logs machine | grep -a 'Reached target.*Multi-User System'
}

@test "kubectl delete" {
	local began=$SECONDS id
	id=$(kubectl get pod machine --output=jsonpath='{.status.containerStatuses[0].containerID}')
	kubectl delete pod machine
	echo "$((SECONDS - began)) s"
	# The kubelet takes its time, but less than the grace period, and the machine has long been off.
	((SECONDS - began < 60))
	gone machine
	[[ $(exit_status "${id#containerd://}") == 0 ]]
}

@test "without the class there is no hook" {
	example pod.yaml | sed '/runtimeClassName/d; s/name: machine$/name: plain/' | kubectl apply -f -
	# systemd then ends at once, and the kubelet starts it again in vain.
	within 90 has_restarted plain
	run ! is_ready plain
	kubectl delete pod plain --grace-period=0 --force
}
has_restarted() { kubectl get pod "$1" --output=json | jq -e '.status.containerStatuses[]?.restartCount > 0' >/dev/null; }

@test "a token and a ConfigMap" {
	name=facts
	kubectl create configmap facts --from-literal=fact=true
	example pod.yaml | json_of | jq '.metadata.name = "facts" | .spec.volumes = [
			{name: "token", projected: {sources: [{serviceAccountToken: {path: "token", expirationSeconds: 600}}]}},
			{name: "facts", configMap: {name: "facts"}}]
		| .spec.containers[0].volumeMounts = [
			{name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true},
			{name: "facts", mountPath: "/run/facts"}]' | kubectl apply -f -
	ready
	[[ $(inside facts cat /run/secrets/kubernetes.io/serviceaccount/token) == ey*.*.* ]]
	[[ $(inside facts cat /run/facts/fact) == true ]]
	# A new value reaches a machine that is up.
	kubectl create configmap facts --from-literal=fact=changed --dry-run=client --output=yaml | kubectl apply -f -
	within 120 eval '[[ $(inside facts cat /run/facts/fact) == changed ]]'
	kubectl delete pod facts --wait=false
}

@test "stateful-set.yaml keeps its journal" {
	local first id=0123456789abcdef0123456789abcdef
	mkdir -p /var/lib/containerd/journal
	jq -n '{apiVersion: "v1", kind: "PersistentVolume", metadata: {name: "journal"}, spec: {capacity: {storage: "1Gi"},
		accessModes: ["ReadWriteOnce"], hostPath: {path: "/var/lib/containerd/journal"}}}' | kubectl apply -f -
	example stateful-set.yaml | kubectl apply -f -
	name=machines-0
	ready
	[[ $(inside $name cat /etc/machine-id) == "$id" ]]
	first=$(inside $name cat /proc/sys/kernel/random/boot_id)
	inside $name journalctl --sync
	[[ -d /var/lib/containerd/journal/$id ]]
	inside $name sh -c 'logger "of the first life"; journalctl --sync'
	kubectl delete pod $name
	within 60 is_ready $name
	runs $name
	[[ $(inside $name cat /etc/machine-id) == "$id" ]]
	inside $name journalctl --quiet --grep 'of the first life' | grep 'first life'
	kubectl delete statefulset machines
}

@test "shareProcessNamespace is refused in the events" {
	example pod.yaml | json_of | jq '.metadata.name = "shared" | .spec.shareProcessNamespace = true' | kubectl apply -f -
	within 60 eval 'kubectl describe pod shared | grep "needs a pid namespace of its own"'
	kubectl delete pod shared --wait=false
}
