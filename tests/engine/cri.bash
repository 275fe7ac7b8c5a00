# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# containerd as a kubelet uses it: pods by its CRI. contrib/containerd/README.md. The variant is how they get the hook: by the runtime
# handler `systemd`, as a CDI device, or from hook-injector (HOOK_INJECTOR, or what tests/engine/injector builds) by NRI.

places=/var/lib/engine/pods

cri() { python3 "$top/tests/engine/cri.py" /var/lib/engine/cri.pb "$@"; }

# merge FILE: standard input, a configuration of containerd's, with what FILE has for the same or other tables.
merge() {
	awk -v addition="$1" '
		BEGIN {
			while ((getline line <addition) > 0) {
				if (line ~ /^ *\[/) { table = line; sub(/^ */, "", table); order[++tables] = table }
				else if (table && line !~ /^ *(#|$)/) added[table] = added[table] line "\n"
			}
		}
		{ print; table = $0; sub(/^ */, "", table) }
		table in added { printf "%s", added[table]; delete added[table] }
		END { for (t = 1; t <= tables; t++) if (order[t] in added) printf "\n%s\n%s", order[t], added[order[t]] }'
}

# What this machine calls for: an image for pods that is on it, and no limits raised.
write_machine_configuration() {
	if [[ $generation == 1 ]]; then
		cat <<-'END'
			[plugins."io.containerd.grpc.v1.cri"]
			  sandbox_image = "docker.io/library/pause:1"
			  restrict_oom_score_adj = true
		END
	else
		cat <<-'END'
			[plugins."io.containerd.cri.v1.images".pinned_images]
			  sandbox = "docker.io/library/pause:1"
			[plugins."io.containerd.cri.v1.runtime"]
			  restrict_oom_score_adj = true
		END
	fi
}

# As contrib/containerd/README.md says, in the configuration that the distribution has.
configure() {
	local additions=(/var/lib/engine/machine.toml) file
	write_machine_configuration >/var/lib/engine/machine.toml
	case $VARIANT in
	handler)
		(
			cd "$top" || exit
			eval "$(documented 'ctr oci spec' base-spec contrib/containerd/README.md)"
		)
		additions+=("$top/contrib/containerd/config-$generation.toml")
		;;
	# Off in 1.7 unless told, on in 2.
	nri)
		cat >/var/lib/engine/nri.toml <<-'END'
			[plugins."io.containerd.nri.v1.nri"]
			  disable = false
		END
		additions+=(/var/lib/engine/nri.toml)
		;;
	cdi) [[ $generation == 2 ]] || additions+=("$top/contrib/containerd/config-cdi-1.7.toml") ;;
	esac
	for file in "${additions[@]}"; do
		merge "$file" </etc/containerd/config.toml >/etc/containerd/new
		mv /etc/containerd/new /etc/containerd/config.toml
	done
}

daemon_up() {
	local tries=200
	containerd >>/var/log/containerd 2>&1 3>&- &
	echo $! >/var/lib/engine/pid
	until cri Status <<<'{}' 2>/dev/null | grep -q '"NetworkReady", "status": true'; do
		if ((tries-- == 0)); then
			cat /var/log/containerd
			return 1
		fi
		sleep 0.1
	done
}

engine_up() {
	case $(containerd --version) in
	*' 1.'*) generation=1 ;;
	*) generation=2 ;;
	esac
	mkdir -p /etc/cni/net.d "$places"
	protoc --proto_path="$cache/engine/cri" --proto_path="$cache/engine/cri/github.com/gogo/protobuf/protobuf" \
		--include_imports --descriptor_set_out=/var/lib/engine/cri.pb \
		k8s.io/cri-api/pkg/apis/runtime/v1/api.proto
	cat >/etc/cni/net.d/10-pods.conflist <<-'END'
		{"cniVersion": "0.4.0", "name": "pods", "plugins": [
			{"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.80.0.0/16", "routes": [{"dst": "0.0.0.0/0"}]}}]}
	END
	configure
	daemon_up
	[[ $VARIANT != nri ]] || injector_up
	tar -C /var/lib/engine -c busybox | import pause:1 '{"Entrypoint": ["/busybox", "sleep", "1000000"]}'
	payload_tar 252 | import systemd:252 '{"Cmd": ["/sbin/init"], "StopSignal": "SIGRTMIN+3"}'
	# And one that was not made for it.
	payload_tar 262 | import systemd:262 '{"Cmd": ["/sbin/init"]}'
}

# As contrib/containerd/README.md says.
injector_up() {
	local words
	read -ra words < <(documented hook-injector "" contrib/containerd/README.md)
	"${words[@]}" >>/var/log/hook-injector 2>&1 3>&- &
	echo $! >/var/lib/engine/injector
	within 10 grep -q 'Started plugin' /var/log/hook-injector
}

injector_again() {
	kill "$(</var/lib/engine/injector)"
	: >/var/log/hook-injector
	injector_up
}

engine_down() {
	local pid
	remove_all
	pid=$(</var/lib/engine/pid)
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

# import NAME CONFIGURATION: an image whose one layer is the tar from standard input.
import() {
	local room=/tmp/image digest
	mkdir "$room"
	cat >"$room/layer.tar"
	digest=$(sha256sum "$room/layer.tar")
	jq -cn --arg layer "sha256:${digest%% *}" --argjson config "$2" '{architecture: "amd64", os: "linux", config: $config,
		rootfs: {type: "layers", diff_ids: [$layer]}}' >"$room/config.json"
	jq -cn --arg name "docker.io/library/$1" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$room/manifest.json"
	tar -C "$room" -c . | ctr --namespace k8s.io images import - >/dev/null
	rm -r "$room"
	# The one side of containerd hears of the other's images a moment later.
	within 10 has_image "$1"
}

has_image() { cri ImageStatus <<<"{\"image\": {\"image\": \"docker.io/library/$1\"}}" | jq -e .image >/dev/null; }

# manifest FILE: the documents of one of contrib/kubernetes as JSON.
manifest() { json_of <"$top/contrib/kubernetes/$1"; }
json_of() { python3 -c 'import json, sys, yaml; [print(json.dumps(it)) for it in yaml.safe_load_all(sys.stdin)]'; }

# write_pod NAME: the pod's part of a request, as a kubelet makes it of a manifest.
write_pod() {
	jq -n --arg name "$1" --arg parent "$CGROUP_PARENT/$1" --arg pid "${pid_namespace:-CONTAINER}" --argjson userns "${userns:-null}" '{
		metadata: {name: $name, uid: "uid-\($name)", namespace: "default", attempt: 0},
		hostname: $name, log_directory: "/var/log/pods/\($name)",
		linux: {cgroup_parent: $parent, security_context: {
			namespace_options: ({pid: $pid} + if $userns then {userns_options: $userns} else {} end),
			seccomp: {profile_type: "RuntimeDefault"}}}}'
}

# write_container NAME PAYLOAD COMMAND [OPTION...]: the container's, with options in the words of other engines; COMMAND is JSON.
write_container() {
	local filter=. payload=$2 command=$3 name=$1 source destination mode
	shift 3
	while (($#)); do
		case $1 in
		--read-only) filter+=' | .linux.security_context.readonly_rootfs = true' && shift && continue ;;
		--memory) filter+=" | .linux.resources.memory_limit_in_bytes = $((${2%m} * 1048576))" ;;
		# The limit of processes is the pod's, and the kubelet's own work.
		--pids-limit)
			mkdir -p "/sys/fs/cgroup/pids$CGROUP_PARENT/$name"
			echo "$2" >"/sys/fs/cgroup/pids$CGROUP_PARENT/$name/pids.max"
			;;
		-v)
			IFS=: read -r source destination mode <<<"$2"
			filter+=" | .mounts += [{host_path: \"$source\", container_path: \"$destination\", readonly: $([[ $mode == ro ]] && echo true || echo false)}]"
			;;
		--annotation) filter+=" | .annotations[\"${2%%=*}\"] = \"${2#*=}\"" ;;
		--device) filter+=" | .CDI_devices += [{name: \"$2\"}]" ;;
		esac
		shift 2
	done
	# As a kubelet does for every container that is not privileged.
	jq -n --arg image "docker.io/library/systemd:$payload" --argjson command "$command" --arg pid "${pid_namespace:-CONTAINER}" \
		--argjson userns "${userns:-null}" "{
		metadata: {name: \"machine\", attempt: 0}, image: {image: \$image}, command: \$command, log_path: \"machine.log\", tty: true,
		linux: {resources: {cpu_shares: 102}, security_context: {
			namespace_options: ({pid: \$pid} + if \$userns then {userns_options: \$userns} else {} end),
			masked_paths: [\"/proc/acpi\", \"/proc/kcore\", \"/proc/keys\", \"/proc/latency_stats\", \"/proc/timer_list\",
				\"/proc/sched_debug\", \"/proc/scsi\", \"/sys/firmware\"],
			readonly_paths: [\"/proc/asound\", \"/proc/bus\", \"/proc/fs\", \"/proc/irq\", \"/proc/sys\", \"/proc/sysrq-trigger\"],
			seccomp: {profile_type: \"RuntimeDefault\"}}}} | $filter"
}

# run_pod NAME HANDLER: a pod with the container that is described in its place.
run_pod() {
	local place=$places/$1
	mkdir -p "/var/log/pods/$1"
	jq --arg handler "$2" '{config: ., runtime_handler: $handler}' "$place/pod.json" | cri RunPodSandbox >"$place/sandbox.json"
	run_container "$1"
}

# run_container NAME: the container of a pod that is there.
run_container() {
	local place=$places/$1
	jq --slurp '{pod_sandbox_id: .[0].pod_sandbox_id, sandbox_config: .[1], config: .[2]}' \
		"$place/sandbox.json" "$place/pod.json" "$place/container.json" | cri CreateContainer >"$place/created.json"
	cri StartContainer <"$place/created.json" >/dev/null
}

start() {
	mkdir -p "$places/$1"
	write_pod "$1" >"$places/$1/pod.json"
	write_container "$1" "$2" '["/sbin/init"]' "${systemd_options[@]}" "${@:3}" >"$places/$1/container.json"
	run_pod "$1" "$handler"
}

start_unflagged() {
	mkdir -p "$places/$1"
	write_pod "$1" >"$places/$1/pod.json"
	write_container "$1" "$2" "$(jq -cn '$ARGS.positional' --args "${@:3}")" >"$places/$1/container.json"
	run_pod "$1" ""
}

full_id() { jq -r .container_id "$places/$1/created.json"; }
inside() { cri ExecSync "${@:2}" <"$places/$1/created.json"; }
console() { sed -E 's/^[^ ]+ std(out|err) [FP] //' "/var/log/pods/$1/machine.log"; }
stop() { jq '.timeout = 20' "$places/$1/created.json" | cri StopContainer >/dev/null; }
exit_status() {
	cri ContainerStatus <"$places/$1/created.json" |
		jq '.status | if .state == "CONTAINER_EXITED" then .exit_code // 0 else "it is \(.state)" end'
}

# A container of the CRI has one life, and its name, from which the machine-id is derived, with it.
start_again() {
	local answer
	answer=$(cri StartContainer <"$places/$1/created.json" 2>&1) && return
	impossible "$answer"
}

# As the layer has it: the CRI has no word for it.
changes() {
	local upper
	upper=$(ctr --namespace k8s.io snapshots mounts /mnt "$(full_id "$1")" | sed -n 's/.*upperdir=\([^,]*\).*/\1/p')
	(cd "$upper" && find . -mindepth 1 | sed 's/^\./C /')
}

# pids_limit NAME: what holds for a container's processes.
pids_limit() { cat "/sys/fs/cgroup/pids$CGROUP_PARENT/$1/pids.max"; }

remove_all() {
	# shellcheck disable=SC2016 # the inner shell's own
	cri ListPodSandbox <<<'{}' | jq -r '.items[]?.id' | xargs -r -P 4 -I ID bash -c '
		. "$1/../lib/common.bash"; . "$1/cri.bash"
		for call in StopPodSandbox RemovePodSandbox; do cri $call <<<"{\"pod_sandbox_id\": \"ID\"}" >/dev/null; done
		' bash "$BATS_TEST_DIRNAME"
	rm -rf "${places:?}"/* /var/log/pods/*
}

with_user_namespace() {
	local map
	userns=$(jq -cn '[{container_id: 0, host_id: 300000, length: 65536}] as $ids | {mode: "POD", uids: $ids, gids: $ids}')
	# Who does not know the request does not say so.
	if [[ $(containerd --version) == *' 1.6.'* ]]; then
		start_unflagged probe 252 sleep 1000
		map=$(inside probe cat /proc/self/uid_map)
		[[ $map != *4294967295* ]] || impossible "asked for ids from 300000 on, its uid_map is $(xargs <<<"$map")"
	fi
	"$@"
}

case $VARIANT in
handler)
	handler=systemd systemd_options=()
	refused_start() { start "$1" 252 --annotation org.oci-systemd-hook.cgroup=v3; }
	;;
nri)
	handler='' systemd_options=(--annotation org.oci-systemd-hook.mode=auto)
	[[ -x /usr/local/bin/hook-injector ]] || engine_lacks="HOOK_INJECTOR names no hook-injector; tests/engine/injector builds it"
	# Annotations reach the hook by a handler only, and hook-injector reads its entries when it starts.
	refused_start() {
		local entry=/usr/share/containers/oci/hooks.d/systemd-hook.json status=0
		mv $entry /etc/usual
		jq '.hook.args += ["--cgroup=v3"]' /etc/usual >$entry
		injector_again
		start "$1" 252 || status=$?
		mv /etc/usual $entry
		injector_again
		return $status
	}
	;;
cdi)
	handler='' systemd_options=(--device oci-systemd-hook.org/systemd=auto)
	# Annotations reach the hook by a handler only.
	refused_start() {
		jq '.devices += [.devices[0] | .name = "broken" | .containerEdits.hooks[].args |= [.[0], "--cgroup=v3", .[1]]]' \
			/etc/cdi/oci-systemd-hook.json >/etc/cdi/new
		mv /etc/cdi/new /etc/cdi/oci-systemd-hook.json
		systemd_options=(--device oci-systemd-hook.org/systemd=broken)
		start "$1" 252
	}
	;;
esac

# What a kubelet mounts beside what containerd does.
make_secret() {
	mkdir -p /var/lib/engine/account
	echo token >/var/lib/engine/account/token
	touch /var/lib/engine/termination-log
}
engine_options=(-v /var/lib/engine/account:/var/run/secrets/kubernetes.io/serviceaccount
	-v /var/lib/engine/termination-log:/dev/termination-log)
engine_places=(/run/secrets/kubernetes.io/serviceaccount/token /dev/termination-log /etc/hosts /etc/hostname /etc/resolv.conf /dev/shm)
