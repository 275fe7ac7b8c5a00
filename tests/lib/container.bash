# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# One container at a time, in a view: make, start, look, stop, and compare the host before and after.
# After make_container, the caller has: id, runtime, image, room, bundle, rootfs, upper, console.

# What the tests set on a container, to see that it stays.
memory_set=536870912 pids_set=500 hugetlb_set=16777216

# How many times as long as on a quiet machine something may take.
patience=${PATIENCE:-4}

# make_container NAME RUNTIME TREE [FILTER]: a bundle, changed by FILTER in the words of bundle.jq, whose rootfs is TREE with a
# writable layer that nobody else has.
make_container() {
	id=test-$1-$$ runtime=$2 image=$3
	room=$(mktemp -d)
	mount -t tmpfs tmpfs "$room"
	bundle=$room/bundle rootfs=$room/bundle/rootfs upper=$room/upper console=$room/console
	mkdir -p "$rootfs" "$upper" "$room/overlay"
	# With the tree's own owner, that a user namespace may need.
	chown --reference="$image" "$upper"
	chmod --reference="$image" "$upper"
	chmod 711 "$room"
	mount -t overlay overlay -o "lowerdir=$image,upperdir=$upper,workdir=$room/overlay" "$rootfs"
	(cd "$bundle" && runc spec)
	change_bundle "unprivileged | command([\"/sbin/init\"]) | hook(\"$hook\") | ${4:-.}"
}

# change_bundle FILTER [OPTION...]: by jq, with these options of jq's.
change_bundle() {
	jq -L "$top/tests/lib" "${@:2}" "include \"bundle\"; $1" "$bundle/config.json" >"$bundle/new"
	mv "$bundle/new" "$bundle/config.json"
}

runtime() { "$runtime" --root "$room/runtime" "$@"; }
inside() { runtime exec "$id" "$@"; }

# start_and_wait: in the foreground, for commands that end by themselves.
start_and_wait() { runtime run --bundle "$bundle" "$id" </dev/null; }

# boot SECONDS: on a terminal, in the background. Succeeds when the console says that the last target is reached (or asks for a login,
# which may wipe that out). To ask with exec before would put the asking process where systemd is still building its cgroups.
boot() {
	local tries=$(($1 * 20 * patience))
	room_for_inotify 16
	script -qefc "$(printf '%q ' "$runtime" --root "$room/runtime" run --bundle "$bundle" "$id")" "$console" \
		</dev/null >/dev/null &
	console_pid=$!
	while ! grep -aqE 'Reached target.*(Multi-User System|Graphical Interface)|login: ' "$console" 2>/dev/null; do
		if grep -aq 'Freezing execution' "$console" 2>/dev/null; then return 1; fi
		kill -0 "$console_pid" 2>/dev/null && ((tries-- > 0)) || return 1
		sleep 0.05
	done
}

# ended SECONDS: wait for the booted container to end, and give its status.
ended() {
	local tries=$(($1 * 20 * patience))
	while kill -0 "$console_pid" 2>/dev/null; do
		((tries-- > 0)) || return 124
		sleep 0.05
	done
	wait "$console_pid"
}

# room_for_inotify N: wait until root may have so many more inotify instances: each systemd has seven or eight, and all that other processes
# hold count, too. Beyond the limit units and PID 1 fail with "Too many open files".
room_for_inotify() {
	local most used tries=600
	most=$(</proc/sys/fs/inotify/max_user_instances)
	(($1 <= most)) || die "fs.inotify.max_user_instances is $most: too few for one container; set it to $((2 * $1)) or more"
	while used=$(find /proc/[0-9]*/fd -lname anon_inode:inotify 2>/dev/null | wc -l) && ((used + $1 > most)); do
		((tries-- > 0)) || die "$used of $most inotify instances are taken: stop other containers, or raise fs.inotify.max_user_instances"
		sleep 1
	done
}

first_process() { runtime state "$id" | jq -r .pid; }

# A view shows only some of the machine's cgroup hierarchies; this looks at all.
on_machine() { nsenter --mount="/proc/$machine_pid/ns/mnt" "$@"; }

# unused_cgroups COMMAND...: those that no process is in or below, as seen by find. What a hook forgets is one of them.
unused_cgroups() {
	"$@" find /sys/fs/cgroup -name cgroup.procs -exec grep -Hc . {} + 2>/dev/null |
		awk -F/cgroup.procs: '
			{ seen[$1] = 1; if ($2 > 0) for (path = $1; path ~ /./; sub("/[^/]*$", "", path)) used[path] = 1 }
			END { for (path in seen) if (!(path in used)) print path }'
}

# strays COMMAND...: of these, the ones that stand where our container's cgroups would be made if the hierarchy's root, or the cgroup that
# the tests are in, were taken for the container's: by the names that the hook and systemd give.
strays() {
	local place=/sys/fs/cgroup own
	[[ $("$@" stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]] || place+='/[^/]+'
	own=$(cut -d: -f3- /proc/self/cgroup | sed 's|/$||; s/[][\.*^$+?(){}|]/\\&/g' | sort -u | paste -sd'|')
	unused_cgroups "$@" | grep -E "^$place($own)/(payload|oci-|init\.scope|system\.slice|user\.slice)\$"
}

# host_state: everything that this container, its runtime and the hook could have made, and that must be as before when the container is gone.
# Others make and remove cgroups, mounts and containers meanwhile. Ours bear its id, or are strays; mounts and /run are the view's own.
# Of the options of a cgroup file system only the mount's are compared: the other half is the machine's, and everybody's (tests/vm looks at it).
host_state() {
	{
		find /sys/fs/cgroup -type d -path "*$id*"
		on_machine find /sys/fs/cgroup -type d -path "*$id*"
		[[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]] || find /sys/fs/cgroup -maxdepth 1
		strays env
		strays on_machine
	} 2>/dev/null | sort -u | sed 's/^/cgroup /'
	# of mounts, those at places that a container, its runtime or the hook knows: others mount below /tmp and the like meanwhile
	findmnt -rn -o TARGET,SOURCE,FSTYPE,VFS-OPTIONS,PROPAGATION,FS-OPTIONS |
		awk -v own="$room" -v image="$image" '$1 !~ "^/(sys|run|dev|proc|etc|var/log|var/lib/lxcfs)?(/|$)" && index($1, own) != 1 && index($1, image) != 1 { next }
			$3 ~ /^cgroup/ { $6 = "" } { print "mount", $0 }'
	find /run -printf 'run %y %m %s %p\n'
}

# is_as_before STATE: or prints the difference to that earlier host_state. Of cgroups only new ones count. A runtime may still be busy with
# the end of its container: a difference must last.
is_as_before() {
	local tries=$((10 * patience)) difference
	while difference=$(diff <(printf '%s\n' "$1") <(host_state || true) | grep -E '^(>|< mount|< run) '); do
		((tries-- > 0)) || break
		sleep 0.2
	done
	[[ ! $difference ]] || {
		printf '%s\n' "$difference"
		return 1
	}
}

# image_changes: what is in the writable layer, but for mount points that were missing: an empty file or directory where the
# image has nothing, and the directories above it.
image_changes() {
	local name
	find "$upper" -mindepth 1 -printf '%P\n' | while IFS= read -r name; do
		if [[ -d $upper/$name && ! -L $upper/$name ]]; then
			[[ ! -d $image/$name || $(stat -c '%a %u %g' "$upper/$name") == $(stat -c '%a %u %g' "$image/$name") ]]
		else
			[[ -f $upper/$name && ! -L $upper/$name && ! -s $upper/$name && ! -e $image/$name ]]
		fi || echo "$name"
	done
}

# drop_container: whatever state it is in. What a failed test left behind must not fail others.
drop_container() {
	local directory
	runtime delete --force "$id" >/dev/null 2>&1 || true
	if [[ ${console_pid:-} ]]; then
		kill "$console_pid" 2>/dev/null || true
		wait "$console_pid" 2>/dev/null || true
		console_pid=
	fi
	while IFS= read -r directory; do
		on_machine rmdir "$directory" 2>/dev/null || true
	done < <(on_machine find /sys/fs/cgroup -depth -type d -path "*$id*" 2>/dev/null)
	umount -R "$room" && rmdir "$room"
}

# poststop ID: call the hook as a runtime does when the container is gone, with runc's words: no pid.
poststop() {
	jq -n --arg id "$1" --arg bundle "$bundle" \
		'{ociVersion: "1.0.2", id: $id, status: "stopped", bundle: $bundle}' | "$hook" poststop
}
