#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is so for pods alone: the kubelet's part, with the commands of contrib/kubernetes.

# shellcheck disable=SC1090,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load words

# command_of ENTRY: the command that the example has there, word by word.
command_of() { manifest pod.yaml | jq -r --arg entry "$1" '.spec.containers[0] | (.[$entry] // .lifecycle[$entry]).exec.command[]'; }

@test "pod.yaml: probes and preStop" {
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
	local id=0123456789abcdef0123456789abcdef before after
	boots 252 --annotation org.oci-systemd-hook.machine-id=$id
	before=$(inside "$name" cat /etc/machine-id)
	stop "$name"
	rm "/var/log/pods/$name/machine.log"
	jq '.metadata.attempt = 1' "$places/$name/container.json" >"$places/$name/new"
	mv "$places/$name/new" "$places/$name/container.json"
	run_container "$name"
	runs "$name"
	after=$(inside "$name" cat /etc/machine-id)
	# It is that of the container, unless the annotation says another: and only a handler lets that through.
	if [[ $VARIANT == handler ]]; then
		[[ $before == "$id" && $after == "$id" ]]
	else
		[[ $before != "$id" && $after != "$before" ]]
	fi
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

# node_files: what there is where the installer writes.
node_files() { find /usr/libexec/oci /etc/cdi /etc/containerd | sort; }

# start_installer: the pod of install.yaml, as far as it matters: its image, volumes, command and rights. Sets installer.
start_installer() {
	local room=/var/lib/containerd/installer image=/var/lib/containerd/installer/image pod from to mode word words
	pod=$(manifest install.yaml | jq 'select(.kind == "DaemonSet").spec.template.spec')
	mkdir -p $room/{upper,work,image}
	# An image with the result of make install DESTDIR=/hook, as contrib/kubernetes/Dockerfile makes it.
	mount -t overlay overlay -o lowerdir=/,upperdir=$room/upper,workdir=$room/work $image
	cp -a /var/lib/engine/hook $image/hook
	mount --rbind /dev $image/dev
	while read -r from to mode; do
		mkdir -p "$image$to" "$from"
		mount --bind -o "$mode" "$from" "$image$to"
	done < <(jq -r '. as $pod | .containers[0].volumeMounts[] | . as $mount | $pod.volumes[] | select(.name == $mount.name)
		| "\(.hostPath.path) \($mount.mountPath) \(if $mount.readOnly then "ro" else "rw" end)"' <<<"$pod")
	jq -e '.containers[0].securityContext | .readOnlyRootFilesystem and .allowPrivilegeEscalation == false
		and .capabilities == {drop: ["ALL"], add: ["DAC_OVERRIDE"]}' <<<"$pod"
	mount -o remount,bind,ro $image
	words=()
	while read -r word; do words+=("$(base64 -d <<<"$word")"); done < <(jq -r '.containers[0] | .command + .args | .[] | @base64' <<<"$pod")
	unshare --fork --pid --kill-child --mount chroot $image \
		setpriv --bounding-set=-all,+dac_override --inh-caps=-all --no-new-privs "${words[@]}" 3>&- &
	installer=$!
}

@test "install.yaml: on a node, and off it" {
	local file before installed=(/etc/cdi/oci-systemd-hook.json /usr/libexec/oci/oci-systemd-base-spec
		/usr/libexec/oci/hooks.d/oci-systemd-hook)
	rm -f "${installed[@]}"
	before=$(node_files)
	start_installer
	within 10 test -s /etc/cdi/oci-systemd-hook.json
	for file in "${installed[@]}"; do cmp "$file" "/var/lib/engine/hook$file"; done
	[[ $(stat -c %a "${installed[@]}") == 644$'\n'755$'\n'755 ]]
	# The handler's base specification is made by what lies there now.
	cmp /etc/containerd/oci-systemd-hook.json <(ctr oci spec | /usr/libexec/oci/oci-systemd-base-spec)
	boots 252
	remove_all

	kill -TERM "$(pgrep -P "$installer")"
	wait "$installer"
	umount -R /var/lib/containerd/installer/image
	diff <(echo "$before") <(node_files)
	for file in "${installed[@]}"; do cp -a "/var/lib/engine/hook$file" "$file"; done
}
