# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Volumes that the image leads the hook into. Sourced by ../run; try's own words are in it.

# The image has /data as a link to /run, so that the user's volume is on top of the tmpfs that config.json has for /run.
run_twice() {
	link /run /data
	mounts="[{\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},
		{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"$volume\",\"options\":[\"rbind\",\"rw\"]}]"
}
try 'a volume on top of the tmpfs at /run, through a link' acts run_twice -- tmpfs=/run "bind=$volume:/data"

# In place of the user's tmpfs at /run, a link out of it; config.json still says tmpfs.
run_elsewhere() {
	link /data /run
	mounts='[{"destination":"/run","type":"tmpfs","source":"tmpfs"}]'
}
try 'a volume where config.json says tmpfs' refused run_elsewhere -- "bind=$volume:/data"

# Users' volumes keep what they have, wherever in them.
try 'a volume at /etc that others see' acts true -- "bind=$volume/directory:/etc:shared"
try 'a volume at /var that others see' acts true -- "bind=$volume:/var:shared"
try 'the host'"'"'s cgroups, that others see' acts true -- host-cgroups 'bind=/sys/fs/cgroup:/sys/fs/cgroup:shared'

# The image leads the volume over what the engine mounted for cgroups: nothing is made in it.
over_cgroups() {
	link /sys/fs/cgroup /data
	mounts="[{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"$volume\",\"options\":[\"rbind\",\"ro\"]}]"
}
try 'a volume over the cgroups, through a link' acts over_cgroups -- "bind=$volume:/data"

# cgroups-onto-a-volume: what is mounted over the cgroups has links onto a second volume, which the host sees.
links_over_cgroups() {
	mkdir -p "$volume"/{first,second/{a,b}}
	ln -sfn /second/a "$volume/first/systemd"
	ln -sfn /second/b "$volume/first/unified"
	mkdir "$rootfs/second"
	[[ ! ${1:-} ]] || link /sys/fs/cgroup "$1"
}
try 'a volume over the cgroups, with links onto one that others see' acts links_over_cgroups -- "bind=$volume/first:/sys/fs/cgroup" "bind=$volume/second:/second:shared"
try 'a volume over the cgroups, through a link, with links onto one that others see' acts links_over_cgroups /data -- "bind=$volume/first:/data" "bind=$volume/second:/second:shared"
rm -rf "$volume"/{first,second}

# Already prepared is what has the hook's own file there.
over_run_host() { mkdir "$rootfs/run/host" && link /run/host /data; }
try 'a volume on /run/host, through a link' acts over_run_host -- "bind=$volume/directory:/data"

# delayed CALL HOW COMMAND UNDO: prestart waits at that call while the command changes the image; poststop undoes it.
delayed() {
	tried=$room/wrapper
	printf '%s\n' '#!/bin/sh' "[ \$1 = prestart ] || { $4; exec $hook \"\$@\"; }" "(sleep 0.3; $3) &" "export ASAN_OPTIONS=detect_leaks=0" \
		"exec strace -qq -o $room/calls -e trace=$1 -e inject=$1:$2 $hook \"\$@\"" >"$tried"
	chmod 755 "$tried"
	limit=3000
}
# kept-onto-volume: what the image has in /run becomes a link after the mounts in it were kept, and before it is copied.
led_onto_a_volume() {
	mkdir -p "$rootfs"/run/{aa,b/c}
	delayed getdents64 delay_enter=600000:when=1 "mv $rootfs/run/b $rootfs/run/d; ln -s aa $rootfs/run/b" \
		"rm $rootfs/run/b; mv $rootfs/run/d $rootfs/run/b"
}
# kept-away-from-the-runtime: what is kept is moved, and a link leads it onto the container's proc.
led_onto_proc() {
	mkdir -p "$rootfs/run/a/proc"
	delayed capset delay_exit=600000 "mv $rootfs/run/a $rootfs/run/b; ln -s / $rootfs/run/a" "rm $rootfs/run/a; mv $rootfs/run/b $rootfs/run/a"
}
if command -v strace >/dev/null; then
	mkdir "$volume/c"
	try 'a volume that is kept, led onto one that others see' refused led_onto_a_volume -- "bind=$volume:/run/aa:shared" "bind=$volume/directory:/run/b/c"
	try 'a volume that is kept, led onto proc' refused led_onto_proc -- "bind=$volume/directory:/run/a/proc"
	tried=
	rmdir "$volume/c" 2>/dev/null || true
else
	skip 'a volume that is kept, led onto another mount' 'no strace'
fi
