#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A payload that tries to get out of its cgroups, or up. Run in the container, as its first process, by bash. What worked is a line each: 'wrote ...',
# 'made ...' of cgroups outside its own subtree, 'mount: ...' of mounts. The last line is 'tried N'.
set -u
tried=0
read -r _ outside _ </proc/self/uid_map

own=()
while IFS=: read -r _ controllers path; do
	for place in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
		[[ $controllers == @(|name=systemd) && -e $place${path%/}/cgroup.procs ]] && own+=("$place${path%/}")
	done
done </proc/1/cgroup
is_own() {
	local directory
	for directory in "${own[@]}"; do
		[[ $1/ == "$directory"/* ]] && return 0
	done
	return 1
}

# write VALUE FILE: it worked when the file took it, and a cgroup has the process only when it says so.
write() {
	tried=$((tried + 1))
	{ printf '%s' "$1" >"$2"; } 2>/dev/null && echo "wrote $1 to $2"
}

# Out of its cgroup and into others, limits up, release_agent: in all that can be seen below DIRECTORY. The files of limits at the top of an own
# subtree are the container's limits where there is no inner cgroup: in a user namespace.
attack_files() {
	local file directory
	while IFS= read -r file; do
		directory=${file%/*}
		! is_own "$directory" || [[ $outside != 0 && " ${own[*]} " == *" $directory "* && ${file##*/} == @(*.max|*limit_in_bytes) ]] || continue
		case ${file##*/} in
		cgroup.procs | tasks | cgroup.threads) write $$ "$file" ;;
		memory.max | memory.high | pids.max | hugetlb.*.max | cpu.max | cgroup.max.*) write max "$file" ;;
		*limit_in_bytes | cpu.cfs_quota_us) write -1 "$file" ;;
		release_agent) write /bin/true "$file" ;;
		notify_on_release | cgroup.freeze) write 1 "$file" ;;
		cgroup.subtree_control) write -memory "$file" ;;
		cgroup.type) write threaded "$file" ;;
		esac
	done < <(find "$1" -type f 2>/dev/null)
	while IFS= read -r directory; do
		[[ -e $directory/cgroup.procs ]] || continue
		! is_own "$directory" || continue
		tried=$((tried + 1))
		mkdir "$directory/out" 2>/dev/null && rmdir "$directory/out" && echo "made a cgroup in $directory"
	done < <(find "$1" -type d 2>/dev/null)
}

# What is read-only or in the way, made writable or taken away.
attack_mounts() {
	local place options
	while read -r _ _ _ _ place options _; do
		[[ $place == /sys/fs/cgroup* || $place == /run/host* || $place == /etc/machine-id ]] || continue
		tried=$((tried + 3))
		mount -o remount,bind,rw "$place" 2>/dev/null && echo "mount: $place is writable"
		mount -o remount,rw "$place" 2>/dev/null && echo "mount: $place is writable, all of it"
		umount "$place" 2>/dev/null && echo "mount: $place is gone"
	done < <(tac /proc/self/mountinfo)
}
attack_new_mounts() {
	local place=/tmp/new kind type options
	mkdir -p $place
	for kind in cgroup2 'cgroup memory' 'cgroup pids' 'cgroup none,name=systemd'; do
		read -r type options <<<"$kind"
		tried=$((tried + 1))
		mount -t "$type" ${options:+-o "$options"} none $place 2>/dev/null || continue
		echo "mount: a new one of $kind"
		# In a user namespace with a private cgroup namespace that is the own subtree; elsewhere it is what the runtime limits.
		[[ $outside == 0 || $kind == 'cgroup '[mp]* ]] || own+=("$place")
		attack_files $place
		umount $place
	done
}

attack_files /sys/fs/cgroup
attack_new_mounts
attack_mounts
attack_files /sys/fs/cgroup
echo "tried $tried"
