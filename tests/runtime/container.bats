#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a container gets besides its cgroups, and what is left afterwards: sections 6 and 7 of the contract. Run by tests/runtime/run.
# Most tests start a shell with mode=always: it sees what systemd would see, and says it.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view

setup() {
	make_container container runc "$(payload_tree 252 no)" 'annotation("mode"; "always")'
	outside=$room/outside
	mkdir "$outside"
	before=$(host_state)
}

teardown() { drop_container; }

# prints WANTED LINE [FILTER]: the hook acts, and a shell in the container that runs LINE prints exactly WANTED; afterwards the host is
# as before.
prints() {
	local got
	change_bundle "shell(\$line) | ${3:-.}" --arg line "test -s /run/host/container-manager || echo the hook did nothing; $2"
	got=$(start_and_wait 2>&1) || true
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$got")
	is_as_before "$before"
}

# The type of what is mounted on a place, the last one if there are several, and an option of it.
type_of() { echo "awk '\$5 == \"$1\" { sub(\".* - \", \"\"); type = \$1 } END { print type ? type : \"none\" }' /proc/self/mountinfo"; }
option_of() { echo "grep ' $1 ' /proc/self/mountinfo | tail -n 1 | grep -o '$2=[^, ]*'"; }

##### what the image has in /run and /tmp

@test "copied in: files, directories, links, with owner and mode" {
	local place listing
	for place in run tmp; do
		mkdir -p "$rootfs/$place/directory/below"
		echo content >"$rootfs/$place/directory/below/file"
		chown 33:34 "$rootfs/$place/directory/below/file"
		chmod 2640 "$rootfs/$place/directory/below/file"
		chmod 1770 "$rootfs/$place/directory"
		touch -d @1000000000 "$rootfs/$place/directory/below/file"
		ln -s /nowhere "$rootfs/$place/directory/link"
	done
	listing='find directory -printf "%p %y %m %U:%G %l\n" | sort; stat -c %Y directory/below/file; cat directory/below/file'
	prints "$(cd "$rootfs/run" && eval "$listing" && cd ../tmp && eval "$listing")"$'\ntmpfs\ntmpfs' \
		"cd /run; $listing; cd /tmp; $listing; $(type_of /run); $(type_of /tmp)"
}

@test "copied in: of more than fits into /run/lock it is said that it is left out" {
	mkdir -p "$rootfs/run/lock"
	head -c 6M /dev/zero >"$rootfs/run/lock/much"
	"$hook" plan --bundle "$bundle" | grep -x 'note: what the image has in /run/lock is left out: it is more than fits into a tmpfs'
	prints '' 'ls /run/lock'
}

##### what the engine has mounted there

@test "kept: files bound below /run, also by the name /var/run" {
	echo first >"$outside/first"
	echo second >"$outside/second"
	prints $'first\nsecond\nsecond' 'cat /run/secrets/x /run/secrets/y /var/run/secrets/y' \
		"bind(\"$outside/first\"; \"/run/secrets/x\") | bind(\"$outside/second\"; \"/var/run/secrets/y\")"
}

@test "kept: .containerenv and a socket" {
	touch "$outside/containerenv"
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => shift, Listen => 1)' "$outside/socket"
	prints $'/run/.containerenv: regular empty file\n/run/engine/notify.sock: socket' \
		'stat -c "%n: %F" /run/.containerenv /run/engine/notify.sock' \
		"bind(\"$outside/containerenv\"; \"/run/.containerenv\") | bind(\"$outside/socket\"; \"/run/engine/notify.sock\")"
}

@test "kept: volumes below /run and /tmp stay volumes" {
	mkdir "$outside/run" "$outside/tmp"
	prints '' 'echo from-run >/run/volume/file; echo from-tmp >/tmp/volume/file' \
		"bind(\"$outside/run\"; \"/run/volume\") | bind(\"$outside/tmp\"; \"/tmp/volume\")"
	[[ $(cat "$outside"/{run,tmp}/file) == $'from-run\nfrom-tmp' ]]
}

@test "kept: a volume below a volume" {
	mkdir -p "$outside/outer" "$outside/inner"
	touch "$outside/outer/a" "$outside/inner/b"
	prints $'/run/volume/a\n/run/volume/inner/b' 'find /run/volume -type f | sort' \
		"bind(\"$outside/outer\"; \"/run/volume\") | bind(\"$outside/inner\"; \"/run/volume/inner\")"
}

@test "kept: a volume on /var/log/journal wins" {
	prints '' 'echo line >/var/log/journal/file' "bind(\"$outside\"; \"/var/log/journal\")"
	[[ $(<"$outside/file") == line ]]
}

@test "kept: a user's own tmpfs on /tmp wins" {
	prints $'size=1024k\n1' "$(option_of /tmp size); grep -c ' /tmp ' /proc/self/mountinfo" \
		'tmpfs("/tmp"; ["size=1m", "mode=1777"])'
}

@test "kept: a user's own tmpfs on /run wins, and has /run/host and /run/lock" {
	prints $'size=1024k\ntmpfs' "$(option_of /run size); test -s /run/host/container-manager && $(type_of /run/lock)" \
		'tmpfs("/run"; ["size=1m", "mode=755"])'
}

@test "kept: /runner is not below /run" {
	echo content >"$outside/file"
	prints $'content\nfile' 'cat /runner/file; ls /runner; ls -d /run/ner 2>/dev/null' "bind(\"$outside\"; \"/runner\")"
}

# What is on a tmpfs is a volume as much as what is on a disk: an emptyDir in memory, `--tmpfs /sys/fs/cgroup`.
@test "volume-in-memory-on-the-cgroups: a tmpfs at /sys/fs/cgroup without hierarchies is covered" {
	local volume
	mkdir "$outside/memory"
	mount -t tmpfs tmpfs "$outside/memory"
	before=$(host_state)
	for volume in "bind(\"$outside/memory\"; \"/sys/fs/cgroup\")" 'tmpfs("/sys/fs/cgroup"; ["rw"])'; do
		prints 'yes' "grep -q ' /sys/fs/cgroup/systemd .* - cgroup ' /proc/self/mountinfo && echo yes" "$volume"
		"$hook" plan --bundle "$bundle" | grep '^acts: '
		change_bundle 'del(.mounts[-1])'
	done
	umount "$outside/memory"
}

@test "copied in: of more than fits into a tmpfs over a volume's units, the sentence says where and what to do" {
	mkdir -p "$outside/run/systemd/system"
	chmod 755 "$outside/run"
	head -c 6M /dev/zero >"$outside/run/systemd/system/much.service"
	change_bundle "del(.annotations) | .process.terminal = false | bind(\"$outside/run\"; \"/run\")"
	if runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1; then return 1; fi
	cat "$room/said"
	grep -q 'cannot copy what the container has in /run/systemd/system into a tmpfs (much.service): No space left on device; empty that directory' "$room/said"
	is_as_before "$before"
}

##### annotations

@test "tmpfs: sizes of our own" {
	prints $'size=65536k\nsize=131072k\nsize=1024k' \
		"$(option_of /run size); $(option_of /tmp size); $(option_of /var/log/journal size)" \
		'annotation("tmpfs.run"; "64m") | annotation("tmpfs.tmp"; "128m") | annotation("tmpfs.journal"; "1m")'
}

@test "tmpfs: percent of the container's memory limit" {
	prints $'size=10240k\nsize=102400k' "$(option_of /run size); $(option_of /tmp size)" \
		'memory_limit(104857600) | annotation("tmpfs.run"; "10%") | annotation("tmpfs.tmp"; "100%")'
}

@test "tmpfs: by default 20, 50 and 10 percent of the memory limit, and inodes are bounded" {
	prints $'size=20480k\nsize=51200k\nsize=10240k\n3' \
		"$(option_of /run size); $(option_of /tmp size); $(option_of /var/log/journal size)
		grep -E ' (/run|/tmp|/var/log/journal) ' /proc/self/mountinfo | grep -cE 'nr_inodes=[1-9]'" 'memory_limit(104857600)'
}

# What the container's memory cgroup had at its fullest, in MiB.
charged() {
	local path
	if path=$(grep -oP '^[0-9]+:([^:]*,)?memory(,[^:]*)?:\K.*' "/proc/$(first_process)/cgroup"); then
		echo $(($(cat "/sys/fs/cgroup/memory$path/memory.max_usage_in_bytes") >> 20))
	else
		path=$(grep -oP '^0::\K.*' "/proc/$(first_process)/cgroup")
		echo $(($(cat "/sys/fs/cgroup/unified$path/memory.peak") >> 20))
	fi
}

@test "charged: what the image has in /tmp and is copied, is the container's memory" {
	mkdir -p "$rootfs/tmp/much"
	head -c 24M /dev/urandom >"$rootfs/tmp/much/file"
	change_bundle 'memory_limit(209715200) | shell("exec sleep 60")'
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	[[ $(find "/proc/$(first_process)/root/tmp/much/" -type f -size 24M) ]]
	echo "$(charged) MiB"
	(($(charged) >= 24))
	runtime delete --force "$id"
	change_bundle 'annotation("tmpfs.tmp"; "off")'
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	echo "$(charged) MiB without the copy"
	(($(charged) < 24))
	runtime delete --force "$id"
	is_as_before "$before"
}

@test "charged: a size in bytes does not let the copy use up the memory limit" {
	mkdir -p "$rootfs/tmp/much"
	head -c 24M /dev/urandom >"$rootfs/tmp/much/file"
	prints none "$(type_of /tmp)" 'memory_limit(33554432) | annotation("tmpfs.tmp"; "1g")'
}

@test "charged: an image that has more than its memory limit carries keeps its own /tmp" {
	mkdir -p "$rootfs/tmp/much"
	head -c 24M /dev/urandom >"$rootfs/tmp/much/file"
	prints none "$(type_of /tmp)" 'memory_limit(41943040)'
}

@test "tmpfs: off" {
	prints $'none\nnone' "$(type_of /tmp); $(type_of /var/log/journal)" 'annotation("tmpfs.tmp"; "off") | annotation("tmpfs.journal"; "off")'
}

@test "journal=image leaves /var/log/journal to the image" {
	mkdir -p "$rootfs/var/log/journal"
	touch "$rootfs/var/log/journal/kept"
	prints $'none\nkept' "$(type_of /var/log/journal); ls /var/log/journal" 'annotation("journal"; "image")'
}

@test "machine-id: as given" {
	prints 0123456789abcdef0123456789abcdef 'cat /etc/machine-id' 'annotation("machine-id"; "0123456789abcdef0123456789abcdef")'
}

@test "machine-id: the image's own" {
	echo fedcba9876543210fedcba9876543210 >"$rootfs/etc/machine-id"
	prints $'fedcba9876543210fedcba9876543210\nnone' "cat /etc/machine-id; $(type_of /etc/machine-id)" 'annotation("machine-id"; "image")'
}

@test "machine-id: another for another container" {
	local first second
	change_bundle '.process.terminal = false | .annotations = {}'
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	first=$(<"/proc/$(first_process)/root/etc/machine-id")
	runtime delete --force "$id"
	runtime create --bundle "$bundle" "$id-second" </dev/null >"$room/said" 2>&1
	second=$(<"/proc/$(id=$id-second first_process)/root/etc/machine-id")
	runtime delete --force "$id-second"
	[[ $first =~ ^[0-9a-f]{32}$ && $second =~ ^[0-9a-f]{32}$ && $first != "$second" ]]
}

# has_id PATTERN [FILTER]: systemd boots, and its machine-id is such a one. The file that it reads, and what programs get.
has_id() {
	change_bundle "del(.annotations) | annotation(\"mode\"; \"auto\") | ${2:-.}"
	boot 30
	inside cat /etc/machine-id | grep -xE "$1"
	[[ $(inside systemd-id128 machine-id) == $(inside cat /etc/machine-id) ]]
	inside journalctl -q -n 1 --no-pager | grep .
	inside systemctl poweroff || true
	ended 20
}
over_file() { echo ".mounts += [{destination: \"/etc/machine-id\", source: \"$outside/id\", type: \"bind\", options: [\"rbind\", \"$1\"]}]"; }

@test "machine-id: over the user's file that is empty and read-only" {
	: >"$outside/id"
	has_id '[0-9a-f]{32}' "$(over_file ro)"
	[[ ! -s $outside/id ]]
	is_as_before "$before"
}

@test "machine-id: over the user's file that is uninitialized" {
	echo uninitialized >"$outside/id"
	has_id '[0-9a-f]{32}' "$(over_file rw)"
	[[ $(<"$outside/id") == uninitialized ]]
	is_as_before "$before"
}

@test "machine-id: in the user's file that is empty and writable systemd makes one that lasts" {
	: >"$outside/id"
	has_id '[0-9a-f]{32}' "$(over_file rw)"
	grep -xE '[0-9a-f]{32}' "$outside/id"
}

@test "machine-id: the user's valid one stays, and a setting that it makes void is said" {
	echo fedcba9876543210fedcba9876543210 >"$outside/id"
	has_id fedcba9876543210fedcba9876543210 "$(over_file ro) | annotation(\"machine-id\"; \"0123456789abcdef0123456789abcdef\")"
	"$hook" plan --bundle "$bundle" | grep -x 'note: machine-id=0123456789abcdef0123456789abcdef has no effect: a file of the user.s is mounted on /etc/machine-id'
}

@test "machine-id: a volume on /etc without the file stays as it is, and a note says what to do" {
	cp -a "$rootfs/etc" "$outside/etc"
	rm -f "$outside/etc/machine-id"
	change_bundle "del(.annotations) | bind(\"$outside/etc\"; \"/etc\")"
	"$hook" plan --bundle "$bundle" | grep -x 'note: the container has no machine-id: /etc/machine-id is missing; put an empty file on the volume that it is on'
	start_and_wait >"$room/said" 2>&1 || true
	[[ ! -e $outside/etc/machine-id ]]
	: >"$outside/etc/machine-id"
	has_id '[0-9a-f]{32}' .
	is_as_before "$before"
}

@test "machine-id=image: that there is none is said, and what to do" {
	local note='note: the container has no machine-id: .*; leave machine-id at auto, or put an id there'
	change_bundle 'del(.annotations) | annotation("machine-id"; "image")'
	rm -f "$rootfs/etc/machine-id"
	"$hook" plan --bundle "$bundle" | grep -xE "$note"
	echo uninitialized >"$rootfs/etc/machine-id"
	"$hook" plan --bundle "$bundle" | grep -xE "$note"
	: >"$rootfs/etc/machine-id"
	if "$hook" plan --bundle "$bundle" | grep -E 'no machine-id'; then return 1; fi
	change_bundle '.root.readonly = true'
	"$hook" plan --bundle "$bundle" | grep -xE "$note"
	# without the note systemd has none indeed
	boot 30
	if inside systemd-id128 machine-id; then return 1; fi
}

@test "cgroup=legacy is refused for a payload that refuses it" {
	drop_container
	make_container container runc "$(payload_tree 262 no)" '.process.terminal = false | annotation("cgroup"; "legacy")'
	before=$(host_state)
	if runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1; then return 1; fi
	cat "$room/said"
	grep -q 'oci-systemd-hook: .*262' "$room/said"
	is_as_before "$before"
}

##### twice

# hooks.d and a CDI device at once: the hook is called twice for one container.
@test "registered twice: the second call finds it done, and changes nothing" {
	prints $'1\n1\n1' "grep -c ' /run ' /proc/self/mountinfo; grep -c ' /etc/machine-id ' /proc/self/mountinfo; grep -c ' /run/host ' /proc/self/mountinfo" \
		'annotation("machine-id"; "0123456789abcdef0123456789abcdef")
			| .hooks.prestart += .hooks.prestart | .hooks.poststop += .hooks.poststop'
}

##### afterwards

@test "poststop twice, and without a prestart, is nothing" {
	prints '' true
	poststop "$id"
	poststop never-seen
	poststop never-seen
	is_as_before "$before"
}

@test "poststop without a bundle is nothing" {
	bundle=/missing-bundle poststop "$id"
}

@test "poststop of another container leaves this one its cgroups" {
	change_bundle 'command(["sleep", "60"]) | .process.terminal = false'
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	local running
	running=$(host_state)
	poststop "$id-other"
	poststop test
	diff <(grep "$id" <<<"$running") <(host_state | grep "$id")
}
