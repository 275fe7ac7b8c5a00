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
		if [[ $runtime == crun && -d /sys/fs/cgroup/unified ]]; then take_controllers; fi
	fi
	umount -R "$staging"

	# What runtimes and hooks leave in /run is then easy to see, and nobody else's.
	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
	# systemd shares all mounts with the namespaces made below; without systemd the kernel's own default holds, which is private.
	[[ $view == bare ]] || mount --make-rshared /
}

# take_controllers: crun refuses a hybrid host whose cgroup2 has controllers: these go to v1. A cgroup of ours holds them there: else
# the kernel gives them back when a container with a cgroup namespace of its own ends, whoever has them mounted.
take_controllers() {
	local name tries
	# Another view for crun may be taking or giving back the same one now.
	for name in $({ xargs -n 1 </sys/fs/cgroup/unified/cgroup.controllers; unmounted_controllers; } | sort -u); do
		mkdir "/sys/fs/cgroup/$name"
		for ((tries = 50; tries; tries--)); do
			# runc leaves it switched on there; and a container that has just ended may still hold it.
			echo "-$name" 2>/dev/null >/sys/fs/cgroup/unified/cgroup.subtree_control || true
			mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name" 2>/dev/null && break
			sleep 0.1
		done
		if ((!tries)); then
			echo "crun needs $name on v1, and other containers use it on cgroup2: stop them" >&2
			return 1
		fi
		mkdir -p "/sys/fs/cgroup/$name/test-holds-$machine_pid"
	done
}

# unmounted_controllers: those that are on v1, though not mounted here.
unmounted_controllers() {
	local name hierarchy rest
	while read -r name hierarchy rest; do
		[[ $name == \#* || $hierarchy == 0 ]] || findmnt -rnf -t cgroup -O "$name" >/dev/null || echo "$name"
	done </proc/cgroups
}

# give_back_controllers: to cgroup2, those that views for crun have taken. The kernel does so when an empty hierarchy is unmounted,
# but not while remains of removed cgroups are still being freed: then it must be unmounted once more. Fails when there is one left.
# Without a machine_pid, those of all tests: none may be running.
give_back_controllers() {
	local name status=0
	for name in $(unmounted_controllers); do
		status=1
		# shellcheck disable=SC2016
		unshare -m --propagation private sh -c '
			mount -t cgroup -o "$1" cgroup /tmp
			rmdir /tmp/test-holds-$2
			umount /tmp' sh "$name" "${machine_pid:-*}" 2>/dev/null || true
	done
	return $status
}
