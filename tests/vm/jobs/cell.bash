# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash source-path=SCRIPTDIR/../.. disable=SC2034,SC2154
# In the guest: one container at a time. make, boot, look, end, and compare the host before and after.
# Prints "ok NAME in Nms" for a cell, or "not ok" and what was wrong.

. tests/lib/common.bash
job=$PWD
memory_set=536870912 pids_set=500
suffix=0 label=

modprobe overlay
mkdir -p /run/image /run/cell
# On a host of v1 it is a tmpfs, in which the cells of other hosts make nothing.
[[ ! -w /sys/fs/cgroup ]] || mkdir -p /sys/fs/cgroup/{cells,libpod_parent}
[[ -e /run/spec.json ]] || (cd /run && runc spec && mv config.json spec.json)

# image PAYLOAD USERNS: mounts its disk, with the owners that the user namespace knows.
declare -A mapping_of=([no]='' [yes]="b:0:$shift_by:65536")
image() {
	image=/run/image/$1$2
	[[ -d $image ]] && return
	mkdir "$image"
	local options=ro
	[[ ! ${mapping_of[$2]} ]] || options+=",X-mount.idmap=${mapping_of[$2]}"
	mount -t ext4 -o "$options" "/run/disk/${suite_of[$1]}" "$image"
	trim "$image" "$image.less"
}

# trim IMAGE LAYER: what takes half of the time of an emulated boot, and has nothing to do with us, is masked in a layer over the
# image. FULL=1 boots the image as it is. The caches look as in an image that was booted before in any case.
trim() {
	local directory=$2/etc/systemd file
	mkdir -p "$directory/system" "$directory/system-generators" "$2/var"
	touch "$2/etc/.updated" "$2/var/.updated"
	if [[ ! ${FULL:-} ]]; then
		for file in "$1"/{usr/,}lib/systemd/system-generators/*; do
			[[ ! -e $file ]] || ln -sf /dev/null "$directory/system-generators/${file##*/}"
		done
		for file in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer systemd-tmpfiles-clean.timer getty.target \
			console-getty.service systemd-ask-password-{console,wall}.path systemd-hostnamed.socket \
			systemd-update-utmp{,-runlevel}.service; do
			ln -s /dev/null "$directory/system/$file"
		done
	fi
	chown -hR --reference="$1/etc" "$2"
}

host_flags() { sed -n 's/^cgroup2 \/sys\/fs\/cgroup cgroup2 \([^ ]*\) .*/\1/p' /proc/mounts; }
# delegation on|off: nsdelegate of the host's cgroup2, as systemd mounts it or as runtimes leave it.
delegation() {
	local options=remount,nosuid,nodev,noexec,relatime
	[[ $1 == off ]] || options+=,nsdelegate,memory_recursiveprot
	mount -t cgroup2 -o "$options" cgroup2 /sys/fs/cgroup
}

# is WHAT WANTED GOT: WANTED is a pattern.
is() {
	# shellcheck disable=SC2053
	[[ $3 == $2 ]] && return
	problems+="$1: '$3' in place of '$2'"$'\n'
}

# begin NAME PAYLOAD CGROUP-NAMESPACE USER-NAMESPACE ROOTFS: a room of its own, with a writable layer over the payload's image.
begin() {
	name=$1 payload=$2 cgroup_namespace=$3 user_namespace=$4 rootfs_mode=$5
	began=${EPOCHREALTIME/./} problems='' hooked=yes console_pid=
	id=cell$((++suffix)) room=/run/cell/$suffix
	bundle=$room/bundle rootfs=$room/bundle/rootfs console=$room/console flags=$room/flags
	image "$payload" "$user_namespace"
	mkdir "$room"
	# Contexts hold commas.
	context=${label:+,context=\"$label\"}
	mount -t tmpfs -o "mode=711$context" tmpfs "$room"
	mkdir -p "$rootfs" "$room/upper" "$room/work"
	chown --reference="$image" "$room/upper"
	mount -t overlay overlay -o "lowerdir=$image.less:$image,upperdir=$room/upper,workdir=$room/work$context" "$rootfs"
	: >"$console"
	delegation on
	before=$(host_state)
}

# A hook before ours and one behind it: runtimes change the flags of the host's cgroup2 themselves, in the same moment.
note_flags() { echo "cat >/dev/null; { grep ' /sys/fs/cgroup cgroup2 ' /proc/mounts; echo; } >>$flags"; }

# make_bundle DRIVER [FILTER]: in the words of lib/bundle.jq.
make_bundle() {
	local filter="unprivileged | command([\"/sbin/init\"]) | hook(\"$job/hook\")"
	filter+=" | memory_limit($memory_set) | pids_limit($pids_set) | .linux.cgroupsPath = \$path"
	# shellcheck disable=SC2016 # jq's variables
	filter+=' | {path: "/bin/sh", args: ["sh", "-c", $note]} as $note | .hooks[] |= [$note, .[], $note]'
	[[ $cgroup_namespace == private ]] && filter+=' | private_cgroup'
	[[ $user_namespace == yes ]] && filter+=" | user_namespace($shift_by)"
	[[ $rootfs_mode == ro ]] && filter+=' | .root.readonly = true'
	if [[ $1 == systemd ]]; then
		path=machine.slice:cell:$id outer=/sys/fs/cgroup/machine.slice/cell-$id.scope
	else
		path=/cells/$id outer=/sys/fs/cgroup/cells/$id
	fi
	jq -L tests/lib --arg path "$path" --arg note "$(note_flags)" "include \"bundle\"; $filter | ${2:-.}" /run/spec.json >"$bundle/config.json"
}

# with_runtime RUNTIME DRIVER [FILTER]: the bundle, and how it is run.
with_runtime() {
	make_bundle "$2" "${3:-.}"
	runtime=("$1")
	[[ $2 == systemd ]] && runtime+=(--systemd-cgroup)
	start=("${runtime[@]}" run --bundle "$bundle" "$id")
	kill=("${runtime[@]}" kill "$id" KILL)
	delete=("${runtime[@]}" delete --force "$id")
	exec_options=()
}

# with_podman RUNTIME MANAGER: podman and its hooks.d.
with_podman() {
	local stage number=0 hook note
	note=$(note_flags)
	mkdir "$room/hooks.d"
	for hook in note ours note; do
		number=$((number + 1))
		jq -n --arg hook "$hook" --arg ours "$job/hook" --arg note "$note" '{version: "1.0.0", when: {always: true},
			stages: ["prestart", "poststop"],
			hook: (if $hook == "ours" then {path: $ours} else {path: "/bin/sh", args: ["sh", "-c", $note]} end)}' \
			>"$room/hooks.d/$number.json"
	done
	runtime=(podman "--runtime=$1" "--cgroup-manager=$2" "--hooks-dir=$room/hooks.d")
	start=("${runtime[@]}" run -t --name "$id" --network=none "--cgroupns=$cgroup_namespace" "--memory=$memory_set"
		--memory-swap=-1 "--pids-limit=$pids_set")
	[[ $rootfs_mode == rw ]] || start+=(--read-only --read-only-tmpfs=false)
	[[ $user_namespace == no ]] || start+=("--uidmap=0:$shift_by:65536" "--gidmap=0:$shift_by:65536")
	start+=(--systemd=false --rootfs "$rootfs" /sbin/init)
	kill=("${runtime[@]}" kill "$id")
	delete=("${runtime[@]}" rm --force --time 0 "$id")
	exec_options=(-i)
	outer=
}

# find_outer: podman's cgroup has the container's long id.
find_outer() {
	[[ $outer ]] || outer=$(find /sys/fs/cgroup -type d -name 'libpod-*' ! -name '*conmon*' | head -n 1)
}

inside() { "${runtime[@]}" exec "$id" "$@"; }
inside_script() {
	if [[ ! $label ]]; then
		"${runtime[@]}" exec "${exec_options[@]}" "$id" bash -s "${@:2}" <"$1" 2>&1
		return
	fi
	# A confined process may use neither our files nor our pipes.
	cp "$1" "$rootfs/script"
	"${runtime[@]}" exec "$id" bash -c 'bash /script "$@" >/answers 2>&1' script "${@:2}" </dev/null >/dev/null 2>&1 || echo 'exec failed'
	cat "$rootfs/answers"
}

# boot: until the console says that the last target is reached. To ask with exec before would put the asking process where
# systemd is still building its cgroups.
boot() {
	local tries=480 text
	script -qefc "${start[*]}" "$console" </dev/null >/dev/null 8>&- &
	console_pid=$!
	for (( ; tries; tries--)); do
		# Without a process more: the payload needs the processor.
		pause 0.25
		IFS= read -r -d '' text <"$console"
		[[ $text != *Reached\ target*@(Multi-User System|Graphical Interface)* ]] || return 0
		[[ $text != *Freezing\ execution* ]] || return 1
		kill -0 $console_pid 2>/dev/null || return 1
	done
	return 1
}

[[ -e /run/never ]] || mkfifo /run/never
exec 8<>/run/never
pause() { read -r -t "$1" <&8; }

# What the hook, the runtime and the payload could leave: cgroups (but those of the host's own units), mounts, files.
host_state() {
	find /sys/fs/cgroup -type d | grep -vE '\.(service|slice|socket|mount)$' | sort
	cut -d ' ' -f 4- /proc/self/mountinfo
	host_flags
	find /run \( -path /run -o -path /run/runc -o -path /run/crun -o -path /run/systemd -o -path /run/log -o -path /run/cell -o -path /run/user -o -path /run/dbus \) -prune -o -printf '%y %m %s %p\n' | sort
	find /run/systemd -name "*$id*"
}

# end: whatever state it is in.
end() {
	# What runs it in the foreground also calls the hooks, and deletes it: nobody else must at the same time.
	[[ ! $console_pid ]] || "${kill[@]}" >"$room/kill" 2>&1 || problems+="kill: $(<"$room/kill")"$'\n'
	wait ${console_pid:+"$console_pid"}
	console_pid=
	"${delete[@]}" >/dev/null 2>&1
}

# finish: end it, compare, and report.
finish() {
	end
	nothing_left
	check_flags
	report
	clear_room
}

nothing_left() {
	local after tries=50
	delegation on
	# A scope goes away when systemd has noticed.
	after=$(host_state)
	while [[ $before != "$after" ]] && ((tries--)); do
		pause 0.1
		after=$(host_state)
	done
	[[ $before == "$after" ]] || problems+="left on the host:"$'\n'"$(diff <(echo "$before") <(echo "$after"))"$'\n'
}

clear_room() {
	umount -R "$room"
	rmdir "$room"
}

# The flags that were noted, in pairs: before and after our hook.
check_flags() {
	if [[ $hooked == no ]]; then
		:
	elif [[ -s $flags ]]; then
		# In pairs, before and after our hook.
		awk -v RS= '{ if (NR % 2) first = $0; else if (first != $0) exit 1 } END { if (!NR || NR % 2) exit 1 }' "$flags" ||
			problems+="the host's cgroup2 flags changed around the hook: $(<"$flags")"$'\n'
	else
		problems+='the flags were never noted: were the hooks run?'$'\n'
	fi
}

report() {
	local verdict=ok
	[[ $problems ]] && verdict='not ok' failed=yes
	echo "$verdict $name in $(((${EPOCHREALTIME/./} - began) / 1000))ms"
	[[ $problems ]] || return
	printf '%s' "$problems" | sed 's/^/# /'
	echo '# console:'
	tail -n 30 "$console" | tr -d '\r' | sed 's/^/#   /'
	[[ ! -d out ]] || cp "$console" "out/console-$id"
}

# The host's cgroup that the engine made, and what was set on it.
limits_hold() {
	find_outer
	is "memory.max outside $1" $memory_set "$(<"$outer/memory.max")"
	is "pids.max outside $1" $pids_set "$(<"$outer/pids.max")"
}

# ask FILE ARGUMENT...: a script inside, whose lines that do not begin with ok are problems.
ask() {
	local answers
	answers=$(inside_script "$@") || answers+=$'\nexec failed'
	[[ $answers == *ok* ]] || answers+=$'\nno answer'
	answers=$(grep -v '^ok' <<<"$answers") && problems+="inside: $answers"$'\n'
	return 0
}

# put_by NAME, take_up NAME: for several containers at once, each in turn under the same functions.
variables='id room bundle rootfs console flags name began before runtime start kill delete exec_options console_pid cgroup_namespace
	user_namespace rootfs_mode payload outer hooked label image'
declare -A kept
# shellcheck disable=SC2086 # a list of names
put_by() { kept[$1]=$(declare -p $variables | sed 's/^declare /declare -g /'); }
take_up() { eval "${kept[$1]}"; }
