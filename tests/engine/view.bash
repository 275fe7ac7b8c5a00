# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# A machine to run an engine on: the tree of a suite as the root directory, with this machine's kernel and cgroups and nothing else of
# it. Processes, network, /run, /dev and all that is written belong to it alone, and go away with it.

# enter_tree TREE ROOM: make TREE the root directory; what is written goes to ROOM. In namespaces of its own for mounts, processes and
# network, whose first process is the caller.
enter_tree() {
	local tree=$1 room=$2 root=$2/root name
	mkdir -p "$root" "$room"/{upper,work,tmp,docker,containerd,containers}
	mount --make-rprivate /
	mount -t overlay overlay -o "lowerdir=$tree,upperdir=$room/upper,workdir=$room/work" "$root"
	mount --rbind /sys "$root/sys"
	mount -t proc proc "$root/proc"
	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
	mount --bind "$room/tmp" "$root/tmp"
	chmod 1777 "$root/tmp"
	# An engine's own layers cannot lie on an overlay.
	for name in docker containerd containers; do
		mkdir -p "$root/var/lib/$name"
		mount --bind "$room/$name" "$root/var/lib/$name"
	done
	make_devices "$root/dev"
	for name in "$top" "$cache"; do
		mkdir -p "$root$name"
		mount --rbind "$name" "$root$name"
		mount -o remount,bind,ro "$root$name"
	done
	[[ ${LANE_BARE:-} ]] || install_hook "$root"
	# And once more to where it makes an image of.
	[[ ${LANE_BARE:-} ]] || install_hook "$root/var/lib/engine/hook"
	install -D "$(command -v busybox)" "$root/var/lib/engine/busybox"
	[[ ! ${HOOK_INJECTOR:-} ]] || install -D -m755 "$HOOK_INJECTOR" "$root/usr/local/bin/hook-injector"
	mkdir -p "$root/old"
	cd "$root" || return
	pivot_root . old
	umount -l /old
	# As systemd has it on a host.
	mount --make-rshared /
	ip link set lo up
}

# make_devices DIRECTORY: those that a machine has for everybody. The machine's own /dev would show a log that is not ours.
make_devices() {
	local name numbers
	mount -t tmpfs -o mode=755 tmpfs "$1"
	while read -r name numbers; do
		# shellcheck disable=SC2086 # two numbers
		mknod -m 666 "$1/$name" c $numbers
	done <<-'END'
		null 1 3
		zero 1 5
		full 1 7
		random 1 8
		urandom 1 9
		tty 5 0
		fuse 10 229
	END
	mkdir "$1/pts" "$1/shm" "$1/mqueue"
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$1/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$1/shm"
	mount -t mqueue mqueue "$1/mqueue"
	ln -s pts/ptmx "$1/ptmx"
	ln -s /proc/self/fd "$1/fd"
}

# install_hook ROOT: as an administrator does, but what is installed is the hook that is built, or the one that HOOK names.
install_hook() {
	make -C "$top" --silent --old-file=all install install-cdi install-docker DESTDIR="$1" >/dev/null
	install -D -m755 "$hook" "$1/usr/libexec/oci/hooks.d/oci-systemd-hook"
}
