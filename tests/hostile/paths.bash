# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Every path of the container that the hook touches, as everything that an image can make of it. Each function makes $rootfs$1 into
# what it is called; $is is what the hook expects there: directory or file.

# Paths whose mount by the engine would hide what the image has there are tried in a container whose engine mounts nothing there.
paths=(/etc /etc/machine-id /run /run/lock /run/host /run/systemd /run/systemd/system /tmp /var /var/log /var/log/journal
	/sys /sys/fs /sys/fs/cgroup /sys/fs/cgroup/systemd /proc /sbin /sbin/init /lib)
kinds=(absolute upward chained looping dangling root proc sys shared volume fifo socket device other giant hardlink closed immutable
	mount whiteout)

is_of() { case $1 in /etc/machine-id | /sbin/init) echo file ;; *) echo directory ;; esac }
engine_of() { case $1 in /sys*) echo no-sys ;; /proc) echo no-proc ;; esac }

link() {
	rm -rf "$rootfs$2"
	mkdir -p "$rootfs${2%/*}"
	ln -s "$1" "$rootfs$2"
}
in_place() {
	rm -rf "$rootfs$1"
	mkdir -p "$rootfs${1%/*}"
}

as_absolute() { link "$canary/$is" "$1"; }
as_upward() { link "../../../../../../../../../..$canary/$is" "$1"; }
as_chained() {
	link /data/first "$1"
	ln -s ../data/second "$rootfs/data/first"
	ln -s "../..$canary/$is" "$rootfs/data/second"
}
as_looping() { link "/data/first" "$1" && ln -s "$1" "$rootfs/data/first"; }
as_dangling() { link /nowhere/at/all "$1"; }
as_root() { link / "$1"; }
as_proc() { link /proc/self/root "$1"; }
as_sys() { link /sys "$1"; }
as_shared() { link "/data/$is" "$1" && words+=("bind=$volume:/data:shared"); }
as_volume() { link /data "$1" && words+=("bind=$volume:/data:ro"); }
as_fifo() { in_place "$1" && mkfifo "$rootfs$1"; }
as_socket() { in_place "$1" && "$programs/node" socket "$rootfs$1"; }
as_device() { in_place "$1" && mknod "$rootfs$1" c 1 5; }
as_other() { in_place "$1" && if [[ $is == file ]]; then mkdir "$rootfs$1"; else echo image >"$rootfs$1"; fi; }
as_giant() { if [[ $is == file ]]; then truncate -s 4T "$rootfs$1"; else mkdir -p "$rootfs$1" && truncate -s 4T "$rootfs$1/giant"; fi; }
as_hardlink() { if [[ $is == file ]]; then ln -f "$canary/file" "$rootfs$1"; else mkdir -p "$rootfs$1" && ln "$canary/file" "$rootfs$1/lock"; fi; }
as_closed() { mkdir -p "$rootfs${1%/*}" && { [[ -e $rootfs$1 ]] || mkdir "$rootfs$1"; } && chmod 000 "$rootfs$1"; }
as_immutable() { mkdir -p "$rootfs${1%/*}" && { [[ -e $rootfs$1 ]] || mkdir "$rootfs$1"; } && chattr +i "$(realpath "$rootfs$1")"; }
as_mount() {
	[[ -e $rootfs$1 ]] || mkdir -p "$rootfs$1"
	# where a unit is masked, an empty mount point is made in the volume
	[[ $1 != /run/systemd ]] || mkdir -p "$volume/$is/system"
	words+=("bind=$volume/$is:$1")
}
as_whiteout() { in_place "$1" && mknod "$rootfs$1" c 0 0; }
