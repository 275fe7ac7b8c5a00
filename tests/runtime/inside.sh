#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a cell asserts from inside the booted payload: one script for one exec, in what the payload itself has.
# inside.sh RUNTIME ID LAYOUT USERNS ROOTFS, with LAYOUT one of unified, hybrid, legacy. Prints lines 'ok ...' and 'not ok ...'.
set -u
runtime=$1 id=$2 layout=$3 userns=$4 rootfs=$5

check() {
	local what=$1 answer
	shift
	if answer=$("$@" 2>&1); then
		echo "ok $what"
	else
		echo "not ok $what${answer:+: ${answer//$'\n'/ | }}"
	fi
}

# is WANTED COMMAND...: the command prints exactly that.
is() {
	local wanted=$1 got
	shift
	got=$("$@" 2>&1)
	[[ $got == "$wanted" ]] || {
		echo "'$got' in place of '$wanted'"
		return 1
	}
}

# The mount table: the last mount on a path is the one that is seen.
declare -A mount_root mount_options mount_shared mount_type
while read -r _ _ _ root path options rest; do
	mount_root[$path]=$root
	mount_options[$path]=$options
	mount_shared[$path]=${rest%%-*}
	rest=${rest#*- }
	mount_type[$path]=${rest%% *}
done </proc/self/mountinfo

# mount_over PATH: the mount that PATH is on.
mount_over() {
	local path=$1
	while [[ $path && ! ${mount_type[$path]:-} ]]; do path=${path%/*}; done
	echo "${path:-/}"
}

has_option() { [[ ,${mount_options[$1]:-}, == *,$2,* ]]; }

##### systemd

# Not is-system-running --wait: 247 misses the end of a start that is over when it begins to wait.
state() {
	local state i
	for ((i = 0; i < 100; i++)); do
		state=$(systemctl is-system-running 2>&1)
		[[ $state == running || $state == degraded ]] && break
		sleep 0.1
	done
	echo "$state"
}
check 'state is running' is running state
check 'no unit failed' is '' systemctl --failed --no-legend --plain

has_journal() { journalctl -q -n1 --no-pager | grep -q .; }
check 'journald has lines' has_journal

##### cgroups: the layout

case $layout in
unified) types='/sys/fs/cgroup=cgroup2fs' ;;
hybrid) types='/sys/fs/cgroup=tmpfs /sys/fs/cgroup/systemd=cgroupfs /sys/fs/cgroup/unified=cgroup2fs' ;;
legacy) types='/sys/fs/cgroup=tmpfs /sys/fs/cgroup/systemd=cgroupfs' ;;
esac
for type in $types; do
	check "${type%=*} is ${type#*=}" is "${type#*=}" stat -f -c %T "${type%=*}"
done

# systemd takes the path from /proc/1/cgroup and looks for it below the hierarchy's mount point: it must be there, literally, with
# process 1 in it, and the cgroup above init.scope is its own subtree.
own=()
# The cgroups of this container that carry its limits, where it sees them.
limited=()
holds_init() {
	[[ -d $1 ]] || {
		echo "no such directory: $1"
		return 1
	}
	grep -qx 1 "$1/cgroup.procs"
}
own_subtree() { # MOUNT PATH
	local directory=$1${2%/init.scope}
	directory=${directory%/}
	check "the path of process 1 is there: $1$2" holds_init "$1$2"
	own+=("$directory")
	# Users' own managers have their cgroups below it.
	check "own subtree can be entered by users: $directory" is 755 stat -c %a "$directory"
	if [[ $userns == yes ]]; then
		limited+=("$directory")
	elif [[ $directory == */payload ]]; then
		limited+=("${directory%/payload}")
	fi
	check "own subtree is writable: $directory" make_child "$directory"
}
make_child() { mkdir "$1/test-child" && rmdir "$1/test-child"; }
not_doubled() { [[ $1 != *"$id"*"$id"* ]]; }

while IFS=: read -r _ controllers path; do
	[[ $layout/$controllers == @(unified/|hybrid/|legacy/name=systemd) ]] &&
		check "process 1 is in init.scope: $path" test "${path##*/}" = init.scope
	check "path is not doubled: $controllers:$path" not_doubled "$path"
	case $layout/$controllers in
	unified/) own_subtree /sys/fs/cgroup "$path" ;;
	hybrid/) own_subtree /sys/fs/cgroup/unified "$path" ;;
	hybrid/name=systemd | legacy/name=systemd) own_subtree /sys/fs/cgroup/systemd "$path" ;;
	*)
		# Controllers belong to the engine: its mount may start at the container's own cgroup.
		place=/sys/fs/cgroup/${controllers#name=}
		# Not mounted, or another mount covers it.
		[[ $(stat -f -c %T "$place" 2>/dev/null) == cgroupfs ]] || continue
		root=${mount_root[$place]%/}
		check "the path of process 1 is there: $place$path" holds_init "$place${path#"$root"}"
		limited+=("$place${path#"$root"}")
		;;
	esac
done </proc/1/cgroup

##### cgroups: nothing else can be written

is_own() {
	local directory
	for directory in "${own[@]}"; do
		if [[ $1 == "$directory"/* ]]; then
			# The top of it is the container's limits as well, where no inner cgroup is: then only what the kernel says is delegated.
			[[ $userns == no || ${1#"$directory"/} == */* ]] || grep -qx -- "${1##*/}" /sys/kernel/cgroup/delegate
			return
		fi
	done
	return 1
}

visited=0
writable() {
	local file
	while IFS= read -r file; do
		((visited++))
		[[ ${file##*/} == release_agent ]] || ! is_own "$file" || continue
		# Opens it for writing, and writes nothing.
		{ true >>"$file"; } 2>/dev/null && echo "$file"
	done < <(find /sys/fs/cgroup -type f 2>/dev/null)
	((visited > 20)) || echo "only $visited files were seen"
}
check 'no cgroup file outside the own subtree opens for writing, no release_agent anywhere' is '' writable

# An own subtree that is a whole hierarchy would make the checks around it empty. v1 shows its root by release_agent, v2 by the lack
# of cgroup.type.
is_part() { [[ -e $1/cgroup.type || (-e $1/tasks && ! -e $1/release_agent) ]]; }
for directory in "${own[@]}"; do
	check "own subtree is not a whole hierarchy: $directory" is_part "$directory"
done

can_make() {
	local directory parent
	while IFS= read -r directory; do
		[[ -e $directory/cgroup.procs ]] || continue
		for parent in "${own[@]}"; do
			[[ $directory == "$parent" || $directory == "$parent"/* ]] && continue 2
		done
		mkdir "$directory/test-child" 2>/dev/null && echo "$directory" && rmdir "$directory/test-child"
	done < <(find /sys/fs/cgroup -type d 2>/dev/null)
}
check 'no cgroup can be made outside the own subtree' is '' can_make

raised() {
	local directory file value
	for directory in "${limited[@]}"; do
		for file in "$directory"/{memory.max,memory.limit_in_bytes,pids.max,hugetlb.2MB.max,hugetlb.2MB.limit_in_bytes}; do
			for value in max -1; do
				[[ -e $file ]] && { echo $value >"$file"; } 2>/dev/null && echo "$file=$value"
			done
		done
	done
}
check 'no limit of the container can be raised' is '' raised

##### mounts

for place in /run /run/lock /tmp /var/log/journal; do
	check "$place is a tmpfs" is tmpfs echo "${mount_type[$place]:-no mount}"
	check "$place is nosuid" has_option $place nosuid
	check "$place is nodev" has_option $place nodev
	check "$place is writable" has_option $place rw
done
check '/run/lock is noexec' has_option /run/lock noexec
check '/run/host is noexec' has_option "$(mount_over /run/host/container-manager)" noexec
# Every cgroup mount, the engine's and the hook's: those that were covered, too.
cgroup_mounts_allow() {
	awk '$0 ~ / - cgroup2? / && (","$6"," !~ /,nosuid,/ || ","$6"," !~ /,nodev,/ || ","$6"," !~ /,noexec,/) { print $5, $6 }' /proc/self/mountinfo
}
check 'no cgroup mount takes programs, devices or set-user-id' is '' cgroup_mounts_allow
for place in /run /tmp; do
	printf '#!/bin/sh\n' >$place/test-program
	chmod +x $place/test-program
	check "$place runs programs" $place/test-program
	rm $place/test-program
done
is_shared() { [[ ${mount_shared[/run]} == *shared:* ]]; }
# crun makes all mounts private, after all hooks but those that run with the image's environment.
[[ $runtime == crun ]] || check '/run is shared' is_shared

[[ $rootfs == ro ]] && check '/ is read-only' has_option / ro
for place in /var/lib/systemd /var/tmp; do
	check "$place is writable" touch $place/test-file
	rm -f $place/test-file
done

machine_id() { grep -qxE '[0-9a-f]{32}' /etc/machine-id; }
check 'machine-id is 32 hex digits' machine_id
check 'machine-id is a read-only mount' has_option /etc/machine-id ro

# In the container's own words: an exec'd shell must not be able to write to it either.
for name in container-manager container-uuid os-release; do
	check "/run/host/$name has a line" grep -q . /run/host/$name
done
for name in reg dir fifo sock; do
	check "/run/host/inaccessible/$name is there" test -e /run/host/inaccessible/$name
done
check '/run/host is read-only' has_option "$(mount_over /run/host/container-manager)" ro
refuses_file() { ! touch /run/host/test-file; }
check '/run/host takes no file' refuses_file
check 'container-uuid is the machine-id' is "$(tr -d - </run/host/container-uuid)" cat /etc/machine-id
