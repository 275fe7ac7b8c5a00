# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# containerd by ctr: a config.json with the hook, as contrib/containerd/base-spec makes it. README, section containerd.

engine_up() {
	mkdir -p /etc/containerd
	containerd config default >/etc/containerd/config.toml
	containerd >>/var/log/containerd 2>&1 3>&- &
	echo $! >/var/lib/engine/pid
	local tries=200
	until ctr version >/dev/null 2>&1; do
		if ((tries-- == 0)); then
			cat /var/log/containerd
			return 1
		fi
		sleep 0.1
	done
	ctr oci spec >/var/lib/engine/plain.json
	# In the README's words, where they have contrib and write config.json.
	(
		ln -s "$top/contrib" /var/lib/engine/contrib
		cd /var/lib/engine || exit
		eval "$(documented 'ctr oci spec')"
	)
}

engine_down() {
	local pid
	remove_all
	pid=$(</var/lib/engine/pid)
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

# make_bundle NAME PAYLOAD FILTER [OPTION...]: a config.json from standard input changed by FILTER and by options in the words of
# other engines; its rootfs is a payload with a writable layer.
make_bundle() {
	local room=/var/lib/containerd/$1 tree source destination mode filter=".root.path = \"/var/lib/containerd/$1/rootfs\" | .root.readonly = false
		| .linux.cgroupsPath = \"$CGROUP_PARENT/$1\" | del(.process.rlimits)
		| .process.env = [\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\", \"TERM=xterm\"] | $3"
	tree=$(payload_tree "$2" "${shifted:-no}")
	shift 3
	while (($#)); do
		case $1 in
		--read-only) filter+=' | .root.readonly = true' && shift && continue ;;
		--memory) filter+=" | .linux.resources.memory.limit = $((${2%m} * 1048576))" ;;
		--pids-limit) filter+=" | .linux.resources.pids.limit = $2" ;;
		-v)
			IFS=: read -r source destination mode <<<"$2"
			filter+=" | .mounts += [{destination: \"$destination\", source: \"$source\", type: \"bind\", options: [\"rbind\", \"${mode:-rw}\"]}]"
			;;
		--annotation) filter+=" | .annotations[\"${2%%=*}\"] = \"${2#*=}\"" ;;
		esac
		shift 2
	done
	mkdir -p "$room"/{rootfs,upper,work}
	chown --reference="$tree" "$room/upper"
	mount -t overlay overlay -o "lowerdir=$tree,upperdir=$room/upper,workdir=$room/work" "$room/rootfs"
	jq "$filter" >"$room/config.json"
}

# run_in_background NAME COMMAND...: on a terminal. Fails when it ends within a moment, for the hook has refused by then.
run_in_background() {
	local room=/var/lib/containerd/$1
	rm -f "$room/status"
	{
		local status=0
		script -qefc "$(printf '%q ' "${@:2}")" "$room/console" </dev/null >/dev/null 2>&1 || status=$?
		echo "$status" >"$room/status"
	} 3>&- &
	until [[ -e $room/status ]] || ctr task ls 2>/dev/null | grep -q "^$1 .*RUNNING"; do sleep 0.1; done
	[[ ! -e $room/status ]] || {
		cat "$room/console"
		return 1
	}
}

start() {
	make_bundle "$1" "$2" ".process.args = [\"/sbin/init\"] | .process.terminal = true | ${with_namespace:-.}" "${@:3}" \
		</var/lib/engine/config.json
	local words
	read -ra words < <(documented 'ctr run' | sed "s|config.json|/var/lib/containerd/$1/&|; s| NAME\$| $1|")
	run_in_background "$1" "${words[@]}"
}

start_unflagged() {
	make_bundle "$1" "$2" ".process.args = $(jq -cn '$ARGS.positional' --args "${@:3}") | .process.terminal = true" \
		</var/lib/engine/plain.json
	run_in_background "$1" ctr run --tty --config "/var/lib/containerd/$1/config.json" "$1"
}

inside() { ctr task exec --exec-id "exec-$RANDOM$RANDOM" "$@"; }
console() { cat "/var/lib/containerd/$1/console"; }
stop() {
	local words
	read -ra words < <(documented 'ctr task kill' | sed "s| NAME\$| $1|")
	"${words[@]}"
	within 20 test -e "/var/lib/containerd/$1/status"
}
start_again() { run_in_background "$1" ctr task start "$1"; }
exit_status() { cat "/var/lib/containerd/$1/status"; }
full_id() { echo "$1"; }

# As the layer has it: containerd has no word for it.
changes() { (cd "/var/lib/containerd/$1/upper" && find . -mindepth 1 | sed 's/^\./C /'); }

# pids_limit NAME: the limit that its processes have.
pids_limit() { find /sys/fs/cgroup/pids -path "*$(full_id "$1")/pids.max" -exec cat {} +; }
remove_all() {
	local id
	for id in $(ctr container ls --quiet); do
		ctr task kill --signal SIGKILL "$id" 2>/dev/null || true
		within 10 test -e "/var/lib/containerd/$id/status" || true
		ctr task delete --force "$id" >/dev/null 2>&1 || true
		ctr container delete "$id"
	done
	for id in /var/lib/containerd/*/rootfs; do
		[[ -d $id ]] || continue
		umount "$id" || true
		rm -rf --one-file-system "${id%/rootfs}"
	done
}

with_user_namespace() {
	shifted=yes
	with_namespace=".linux.namespaces += [{type: \"user\"}]
		| .linux.uidMappings = [{containerID: 0, hostID: $shift_by, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
	chmod 711 /var/lib/containerd
	"$@"
}

refused_start() { start "$1" 252 --annotation org.oci-systemd-hook.cgroup=v3; }

engine_options=()
engine_places=()
make_secret() { :; }
