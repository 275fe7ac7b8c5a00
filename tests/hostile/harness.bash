# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# One hostile case after the other: make an image, look at the host, live one container's life by ./trial, look again.

# What a case may change before its container starts: the parts of config.json and of the state, JSON each, and the image in $rootfs.
defaults() {
	command='["/sbin/init"]' environment='["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]' directory='"/"' root='{"path":"rootfs"}'
	mounts='[]' linux='{}' annotations='{}' hooks='{}' more=
	id="\"$unique\"" status='"creating"' pid=@PID@ state_bundle="\"$bundle\"" state_annotations='{}' limit=1000
	more_state='' refusing='' may_die=''
}

with() { printf -v "$1" '%s' "$2"; }

# The same of the state, which poststop then refuses, too.
with_bad() { with "$@" && refusing=1; }

# What a case writes itself is left as it is.
write_bundle() {
	local given=$mounts engines='{"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup"}'
	# As every engine has it.
	case $given in '[]') given="[$engines]" ;; '['*) given="[$engines,${given:1}" ;; esac
	[[ -e $bundle/config.json || -L $bundle/config.json ]] || printf '%s\n' >"$bundle/config.json" \
		"{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":$command,\"env\":$environment,\"cwd\":$directory},\"root\":$root,\"mounts\":$given," \
		"\"linux\":$linux,\"annotations\":$annotations,\"hooks\":$hooks$more}"
	[[ -e $room/state ]] || printf '%s\n' >"$room/state" \
		"{\"ociVersion\":\"1.0.2\",\"id\":$id,\"status\":$status,\"pid\":$pid,\"bundle\":$state_bundle,\"annotations\":$state_annotations$more_state}"
}

# The host of the tests: small copies of what an attacker would like to reach, beside the rootfs and where the host has them.
make_host() {
	mount -t tmpfs tmpfs /mnt
	room=/mnt/room volume=/mnt/volume canary=/mnt/room/canary bundle=/mnt/room/bundle rootfs=/mnt/room/bundle/rootfs
	mkdir $room $volume /mnt/etc
	mount -t tmpfs tmpfs $room
	mount -t tmpfs tmpfs $volume
	for name in passwd group nsswitch.conf ld.so.cache os-release localtime alternatives; do
		[[ ! -e /etc/$name ]] || cp -a "/etc/$name" /mnt/etc
	done
	mount -t tmpfs tmpfs /etc
	cp -a /mnt/etc/. /etc
	echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	mount -t tmpfs tmpfs /var/log
	mkdir /var/log/journal
	echo host >/var/log/journal/system.journal
	make_canary $canary
	make_canary $volume
	make_image $room/image
	mounts_of_host=$(mount_table)
}

make_canary() {
	mkdir -p "$1"/{directory,tmp,log/journal}
	echo canary >"$1/file"
	echo canary >"$1/lock"
	echo canary >"$1/directory/file"
	chmod 600 "$1/file"
}

# The image of a small systemd container, which every case starts from.
make_image() {
	mkdir -p "$1"/{data,dev,etc,proc,run,sys/fs/cgroup,tmp,usr/sbin,usr/lib,var/log/journal}
	ln -s usr/sbin "$1/sbin"
	ln -s usr/lib "$1/lib"
	ln -s ../run "$1/var/run"
	echo uninitialized >"$1/etc/machine-id"
	cp "$programs/init" "$1/usr/sbin/init"
}

fresh() {
	[[ ! -e $bundle ]] || rm -rf "$bundle" "$room/state" 2>/dev/null || {
		chattr -R -f -i "$bundle" || true
		rm -rf "$bundle" "$room/state"
	}
	mkdir "$bundle"
	cp -a "$room/image" "$rootfs"
	defaults
}

# Without what a cgroup file system has for all of its mounts: everybody on the machine shares that.
mount_table() { sed 's/\( - cgroup2\? [^ ]*\) .*/\1/' /proc/self/mountinfo; }

# All of the host that no container may change, into the variable of this name. A file's times tell whether it was written to, whatever
# it has now; those of directories are left out: /run gets a file and loses it again. Of what is not mounted here, the cgroups of our id.
host() {
	local looks='%p %y %m %U %G' cgroups=()
	[[ ! -e /sys/fs/cgroup/unified ]] || cgroups+=(/sys/fs/cgroup/unified)
	[[ ! -e /sys/fs/cgroup/systemd ]] || cgroups+=(/sys/fs/cgroup/systemd)
	[[ ! -e /sys/fs/cgroup/cgroup.procs ]] || cgroups+=(/sys/fs/cgroup)
	# A volume on /run gets mount points, and nothing in them.
	printf -v "$1" '%s\n' "$(find "$canary" "$volume" /etc /run /var/log "${cgroups[@]}" \
		-type d -regex "$volume/directory/\(lock\|host\|systemd\|systemd/system\)" -o -type d -printf "$looks\n" -o -path '/sys/*' -o -printf "$looks %s %n %l %T@ %C@\n" 2>/dev/null)" "$(mount_table)"
	[[ ${view:-hybrid} == bare ]] || return 0
	printf -v "$1" '%s\n' "${!1}" "$(nsenter --mount="/proc/$machine_pid/ns/mnt" find /sys/fs/cgroup -type d -name "*$unique*" 2>/dev/null || true)"
}

# The image, but for new empty files and directories: mount points that were missing.
image() { printf -v "$1" '%s' "$(find "$rootfs" -type d -printf '%p %y %m %U %G\n' -o -printf '%p %y %m %U %G %s %T@ %l\n')"; }
changed_in_image() {
	local path
	[[ $1 != "$2" ]] || return 0
	comm -23 <(sort <<<"$1") <(sort <<<"$2")
	comm -13 <(sort <<<"$1") <(sort <<<"$2") | while read -r path _; do
		[[ (-d $path || -f $path) && ! -L $path && ! $(find "$path" ! -type d -size +0 2>&1) ]] || echo "$path"
	done
}

# try_limited NAME WANTED SIZE: as try, with prestart limited so. A coverage build writes its own counts at the end.
try_limited() {
	if [[ $hook == */coverage/* ]]; then
		skip "$1" 'a coverage build has files of its own to write'
	else
		try "$1" "$2" limited "$3"
	fi
}
# limited SIZE: prestart may write files up to that; what it says goes through a pipe.
limited() {
	tried=$room/wrapper
	printf '%s\n' '#!/bin/bash' "[[ \$1 == prestart ]] || exec $hook \"\$@\"" \
		"{ prlimit --fsize=$1 $hook \"\$@\" 2>&1 >&3 | cat >&2; exit \${PIPESTATUS[0]}; } 3>&1" >"$tried"
	chmod 755 "$tried"
}

broken=()
is() { [[ $2 == "$3" ]] || broken+=("$1: $2, not $3"); }

one_clear_line() {
	local said lines
	said=$(tr '\0' '\1' <"$1")
	mapfile -t lines <"$1"
	[[ ${#lines[@]} == 1 && $said == 'oci-systemd-hook: '* ]] || broken+=("not one line of the hook's: ${said:0:300}")
	[[ ! ${said//[ -~]/} ]] || broken+=("bytes that a terminal could act on: $(head -c 200 "$1" | od -An -c | head -n 3)")
}

difference() { diff <(printf "%s\n" "$before") <(printf "%s\n" "$after") | grep "^[<>]" | head -n 5 || true; }

# live WORD...: sets outcome, broken where something did not hold, and late where it only took long, on a machine that others use, too.
# limit, may_die (a signal) and refusing (1: poststop, too) are what a case may say about itself.
live() {
	local LC_ALL=C before after image_before image_after ended code ms added ended_after code_after ms_after
	broken=() outcome=none took=0 late=
	write_bundle
	host before
	image image_before
	read -r ended code ms added ended_after code_after ms_after < <("$programs/trial" "${tried:-$hook}" "$room" "$@" 2>&1) || true
	[[ $ended == @(exit|signal) ]] || {
		broken=("the case itself is broken: $ended $code $ms $added $ended_after $code_after $ms_after")
		return
	}
	took=$ms
	is 'poststop ends by' "$ended_after $code_after" "exit ${refusing:-0}"
	[[ ! $refusing ]] || one_clear_line "$room/err-poststop"
	[[ $refusing || ! -s $room/err-poststop ]] || broken+=("poststop says $(head -c 300 "$room/err-poststop")")
	[[ ! -s $room/out ]] || broken+=("it writes to stdout")
	case $ended/$code in
	exit/0)
		outcome=$( ((added > 0)) && echo acts || echo ignored)
		[[ ! -s $room/err ]] || broken+=("it says something and succeeds: $(head -c 200 "$room/err")")
		;;
	exit/1)
		outcome=refused
		one_clear_line "$room/err"
		;;
	signal/"$may_die") outcome=killed ;;
	*) broken+=("prestart ends by $ended $code") ;;
	esac
	host after
	[[ $before == "$after" ]] || broken+=("the host has changed: $(difference)")
	image image_after
	after=$(changed_in_image "$image_before" "$image_after")
	[[ ! $after ]] || broken+=("the image has changed: ${after:0:300}")
	((${#broken[@]} || (ms < limit && ms_after < 1000))) || late=yes broken+=("took $ms and $ms_after ms")
}

# What a broken case has done to the host must not break those after it.
heal() {
	local number place
	while read -r number _ _ _ place _; do
		grep -q "^$number " <<<"$mounts_of_host" || umount -l "$place" || true
	done < <(tac /proc/self/mountinfo)
	rm -rf "${volume:?}"/* /run/oci-systemd-hook
	chmod 755 "$volume"
	make_canary "$volume"
	find /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup/container -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || true
}
