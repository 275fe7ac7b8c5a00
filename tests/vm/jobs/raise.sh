# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# In a container, from exec: try to be rid of its limits. Whether any of it worked is seen from outside.
path=$(sed -n 's/^0:://p' /proc/1/cgroup)
path=/sys/fs/cgroup${path%/init.scope}
directory=${path%/}

# The limits of its own cgroup, and of whatever is above.
raise() {
	local file
	while true; do
		for file in memory.max memory.high memory.swap.max pids.max cpu.max; do
			echo max >"$directory/$file"
		done
		# To be where the limits are would let a new cgroup namespace begin there.
		echo $$ >"$directory/cgroup.procs"
		[[ $directory == /sys/fs/cgroup ]] && break
		directory=${directory%/*}
	done
	# shellcheck disable=SC2016
	unshare --user --map-root-user --mount --cgroup sh -c '
		mount -t cgroup2 none /mnt && for file in memory.max pids.max ../memory.max ../pids.max; do echo max >"/mnt/$file"; done
		mount -o remount,bind,rw /sys/fs/cgroup; umount /sys/fs/cgroup'
} >/dev/null 2>&1
raise
echo "ok tried"
if [[ -d /run/systemd/system ]]; then
	state=$(systemctl is-system-running)
	[[ $state == running ]] || echo "not ok after it tried: $state"
fi
