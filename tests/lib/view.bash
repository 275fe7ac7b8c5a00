# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# Host views: this machine as if its cgroups were mounted in another way, in a mount namespace of its own.
#
#   hybrid   v1 controllers, name=systemd, and cgroup2 at /sys/fs/cgroup/unified
#   unified  cgroup2 at /sys/fs/cgroup (controllers that v1 has stay there: limits are missing, layout and delegation are real)
#   legacy   v1 controllers and name=systemd
#   bare     v1 controllers: a host without systemd

# in_view VIEW RUNTIME COMMAND...: run it there. The machine's own mounts are never touched. The caller has exported machine_pid, a process
# outside all views.
in_view() {
	# shellcheck disable=SC2016
	unshare -m --propagation private bash -c '
		set -euo pipefail
		. "$1"
		build_view "$2" "$3"
		shift 3
		exec "$@"' view "${BASH_SOURCE[0]}" "$@"
}

build_view() {
	local view=$1 runtime=$2 staging=/tmp place type options
	# The machine's mounts are bound, not made again: a fresh mount of cgroup2 would change its flags for the whole machine. Its
	# /sys/fs/cgroup is replaced, not changed: a directory removed there would detach the mount on it for the whole machine.
	mount -t tmpfs tmpfs "$staging"
	while read -r place type options; do
		if [[ $type == cgroup2 ]]; then
			type=unified
		elif [[ $options == *name=systemd* ]]; then
			type=systemd
		elif [[ $options == *name=* ]]; then
			continue
		else
			type=${place##*/}
		fi
		[[ -d $staging/$type ]] && continue
		mkdir "$staging/$type"
		mount --bind "$place" "$staging/$type"
	done < <(findmnt -rn -t cgroup,cgroup2 -o TARGET,FSTYPE,OPTIONS)
	umount -R /sys/fs/cgroup

	if [[ $view == unified ]]; then
		if [[ -d $staging/unified ]]; then
			mount --bind "$staging/unified" /sys/fs/cgroup
		else
			mount -t cgroup2 cgroup2 /sys/fs/cgroup
		fi
	else
		mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
		for place in "$staging"/*; do
			case $view/${place##*/} in
			hybrid/systemd | hybrid/unified | legacy/systemd) ;;
			*/systemd | */unified) continue ;;
			esac
			mkdir "/sys/fs/cgroup/${place##*/}"
			mount --bind "$place" "/sys/fs/cgroup/${place##*/}"
		done
		if [[ $view != bare && ! -d /sys/fs/cgroup/systemd ]]; then
			mkdir /sys/fs/cgroup/systemd
			mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
		fi
		if [[ $view == hybrid && ! -d /sys/fs/cgroup/unified ]]; then
			mkdir /sys/fs/cgroup/unified
			mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
		fi
	fi
	umount -R "$staging"

	# What runtimes and hooks leave in /run is then easy to see, and nobody else's.
	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
	if [[ $view == hybrid && $runtime == crun ]]; then hide_controllers; fi
	# systemd shares all mounts with the namespaces made below; without systemd the kernel's own default holds, which is private.
	[[ $view == bare ]] || mount --make-rshared /
}

# hide_controllers: crun refuses a hybrid host whose cgroup2 has controllers. To take them would be to take them from everybody on the
# machine: in this view alone the list of them is empty, and read-only, so that no container finds a file that it can write.
hide_controllers() {
	local staging=/run/hidden-controllers
	mkdir "$staging"
	mount -t tmpfs tmpfs "$staging"
	: >"$staging/none"
	mount -o remount,ro "$staging"
	mount --bind "$staging/none" /sys/fs/cgroup/unified/cgroup.controllers
	umount -l "$staging"
}
