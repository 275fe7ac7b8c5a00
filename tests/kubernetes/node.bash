# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC1091,SC2034,SC2154
# A node: containerd as tests/engine/cri.bash starts it, by the handler `systemd`, and a kubelet beside it that has no API server. What it runs are
# static pods: manifests of contrib/kubernetes in a directory.

. "$top/tests/engine/cri.bash"

kubernetes=$cache/kubernetes/node node=/var/lib/engine/node manifests=/etc/kubernetes/manifests
kubelet_options=()

# Without an API server there are no RuntimeClasses: all pods are the handler's.
write_machine_configuration() {
	cat <<-'END'
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/library/pause:1"
		  restrict_oom_score_adj = true
		[plugins."io.containerd.grpc.v1.cri".containerd]
		  default_runtime_name = "systemd"
	END
}

# write_kubelet_configuration: limits and what a test asks for often; a full disk of the machine is not the pods' matter.
write_kubelet_configuration() {
	jq -n --arg parent "$CGROUP_PARENT" --arg manifests $manifests '{
		apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration",
		staticPodPath: $manifests, fileCheckFrequency: "1s", syncFrequency: "5s",
		cgroupDriver: "cgroupfs", cgroupRoot: $parent, podPidsLimit: 400, failSwapOn: false,
		readOnlyPort: 10255, authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}, authorization: {mode: "AlwaysAllow"},
		featureGates: {LocalStorageCapacityIsolation: false}, makeIPTablesUtilChains: false, imageGCHighThresholdPercent: 100,
		evictionHard: {"memory.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%"}}'
}

# What a kubelet finds on a machine, and this one has not.
make_node() {
	local hierarchy name
	mkdir -p $node $manifests /var/lib/containerd/kubelet /var/lib/kubelet
	# On a file system that can have idmapped mounts, and whose mounts containers see.
	mount --bind /var/lib/containerd/kubelet /var/lib/kubelet
	mount --make-shared /var/lib/kubelet
	# An address, and a way to others.
	ip link add node0 type veth peer name outside
	ip address add 10.81.0.1/24 dev node0
	ip link set outside up
	ip link set node0 up
	ip route add default via 10.81.0.2
	[[ -e /dev/kmsg ]] || mknod /dev/kmsg c 1 11
	tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
	for hierarchy in /sys/fs/cgroup/*/; do
		mkdir -p "$hierarchy$CGROUP_PARENT"
	done
	for name in cpus mems; do
		cat "/sys/fs/cgroup/cpuset/cpuset.$name" >"/sys/fs/cgroup/cpuset$CGROUP_PARENT/cpuset.$name"
	done
	ctr --namespace k8s.io events >/var/log/events 2>&1 3>&- &
	write_kubelet_configuration >$node/kubelet.json
}

# A kubelet sets sysctls of the whole machine, and ends where it cannot: in its own view of /proc they are files.
kubelet_up() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation unchanged bash -euc '
		mount --make-private /proc
		while read -r name value; do
			mkdir -p "$1/sysctl/${name%/*}"
			echo "$value" >"$1/sysctl/$name"
			mount --bind "$1/sysctl/$name" "/proc/sys/$name"
		done
		exec "${@:2}"' bash $node "$kubernetes/kubelet" --config=$node/kubelet.json --hostname-override=node \
		--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock "${kubelet_options[@]}" \
		<<-'END' >>/var/log/kubelet 2>&1 3>&- &
			vm/overcommit_memory 1
			vm/panic_on_oom 0
			kernel/panic 10
			kernel/panic_on_oops 1
			kernel/keys/root_maxkeys 1000000
			kernel/keys/root_maxbytes 25000000
		END
	echo $! >$node/pid
	within 60 answers || {
		tail -n 20 /var/log/kubelet
		return 1
	}
}

answers() { [[ $(ask_kubelet healthz 2>/dev/null) == ok ]]; }
ask_kubelet() { /var/lib/engine/busybox wget -qO- "http://127.0.0.1:10255/$1"; }

kubelet_down() {
	local pid
	pid=$(<$node/pid)
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

eval "containerd_$(declare -f engine_up)"
engine_up() {
	containerd_engine_up
	make_node
	kubelet_up
}

eval "containerd_$(declare -f engine_down)"
engine_down() {
	rm -f $manifests/*
	within 60 no_pods || echo "pods are left"
	kubelet_down
	containerd_engine_down
}
no_pods() { [[ $(cri ListContainers <<<'{"filter": {"state": {"state": "CONTAINER_RUNNING"}}}' | jq '.containers | length') == 0 ]]; }

# place NAME [FILTER] [PAYLOAD]: the example pod, changed by FILTER of jq, as a static pod of that name. It is asked more often, for time's sake.
place() { place_as_it_is "$1" ".spec.containers[0].readinessProbe.periodSeconds = 2 | ${2:-.}" "${@:3}"; }
place_as_it_is() {
	manifest pod.yaml | jq --arg name "$1" --arg image "docker.io/library/systemd:${3:-252}" "
		.metadata.name = \$name | .spec.containers[0] |= (.image = \$image | .imagePullPolicy = \"Never\")
		| del(.spec.runtimeClassName) | ${2:-.}" >$node/new
	mv $node/new "$manifests/$1.json"
}
take_away() { rm -f "$manifests/$1.json"; }

# status NAME [FILTER]: what the kubelet says of the pod, or of its first container.
status() { ask_kubelet pods | jq -c --arg name "$1-node" ".items[]? | select(.metadata.name == \$name).status | ${2:-.}"; }
says() { status "$1" "(.containerStatuses // [])[] | select(.name == \"machine\") | $2" | jq -es 'length > 0 and .[-1] == true' >/dev/null; }
is_ready() { status "$1" '.conditions[] | select(.type == "Ready").status == "True"' | grep -qx true; }

# full_id NAME: of its first container, as far as the kubelet knows.
full_id() { status "$1" ".containerStatuses[]? | select(.name == \"machine\").containerID" | tr -d "\"" | sed "s|containerd://||"; }
# inside NAME COMMAND...: in the container that runs now.
inside() { cri ExecSync "${@:2}" <<<"{\"container_id\": \"$(full_id "$1")\"}"; }
console() { sed -E 's/^[^ ]+ std(out|err) [FP] //' "/var/log/pods/default_$1-node_"*/machine/*.log; }
# exit_status CONTAINER: of its first process, once it has ended; the kubelet removes those of a pod that was taken away.
exit_status() {
	sed -n 's|.* /tasks/exit ||p' /var/log/events | jq --arg id "$1" 'select(.container_id == $id and .id == $id) | .exit_status // 0'
}
# remove_all: what one test has made, and no other goes on with.
remove_all() { [[ ${name:-machine} == machine ]] || take_away "$name"; }
