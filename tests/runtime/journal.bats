#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a start leaves in the host's journal: a line if it asked for the hook, none if it did not. Run by tests/runtime/run, in a view
# whose /run is the test's own.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() {
	make_container journal runc "$(payload_tree 252 no)" '.process.terminal = false'
	listen
}

teardown() {
	stop_listening
	drop_container
}

# create [FILTER]: the hooks run, the payload does not start.
create() {
	change_bundle "${1:-.}"
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1 || true
	runtime delete --force "$id" 2>/dev/null || true
	# The listener is another process.
	sleep 0.1
	cat "$room/said" "$room/journal"
}

entries() { grep -c '^--$' "$room/journal" || true; }
has() { grep -qxE -- "$1" "$room/journal"; }

@test "journal: a start that asked and acted leaves one line, with the layout and the version" {
	create 'annotation("mode"; "auto")'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: acted: systemd 252, cgroup layout hybrid \(as on the host\)"
	has 'MESSAGE_ID=[0-9a-f]{32}'
	has 'PRIORITY=6'
	has 'SYSLOG_IDENTIFIER=oci-systemd-hook'
	has "CONTAINER_ID=$id"
	has "CONTAINER_BUNDLE=$bundle"
	has 'HOOK_LAYOUT=hybrid'
	has 'HOOK_SYSTEMD=252'
}

@test "journal: a start that asked and was skipped leaves one line: why, and what to do" {
	create 'annotation("mode"; "auto") | command(["/bin/true"])'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: skipped: /bin/true .*; .*mode=always.*"
	has 'PRIORITY=5'
	has "CONTAINER_ID=$id"
}

@test "journal: any key of ours asks, and so does the option for the mode" {
	create 'annotation("tmpfs.tmp"; "64m") | command(["/bin/true"])'
	[[ $(entries) == 1 ]]
	create 'del(.annotations) | .hooks.prestart[0].args = ["oci-systemd-hook", "--mode=auto", "prestart"]'
	[[ $(entries) == 2 ]]
}

@test "journal: oci-systemd-hook=disabled is said to who asked" {
	create 'annotation("mode"; "auto") | environment("oci-systemd-hook=disabled")'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: skipped: oci-systemd-hook=disabled.*"
}

@test "journal: a start that did not ask leaves none" {
	create 'command(["/bin/true"])'
	create 'environment("oci-systemd-hook=disabled")'
	create 'annotation("mode"; "off")'
	create 'command(["/sbin/missing"])'
	[[ $(entries) == 0 ]]
}

@test "journal: the hook, registered twice, leaves one line" {
	create 'annotation("mode"; "auto") | .hooks.prestart += .hooks.prestart'
	[[ $(entries) == 1 ]]
}

@test "journal: a refusal, with its number" {
	create 'annotation("mode"; "maybe")'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: .*invalid value maybe .*"
	has 'PRIORITY=3'
	has 'ERRNO=22'
}

@test "journal: what comes from the container is escaped, and forges no field" {
	create 'annotation("mode"; "auto") | command(["/bin/x\nPRIORITY=0\nMESSAGE=forged\u001b[2J"])'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: skipped: /bin/x.x0aPRIORITY=0.x0aMESSAGE=forged.x1b\[2J .*"
	if has 'MESSAGE=forged.*' || has 'PRIORITY=0'; then return 1; fi
}

# lacks PATTERN FILTER: a second line says so, and plan says the same.
lacks() {
	create "annotation(\"mode\"; \"auto\") | $2"
	[[ $(entries) == 2 ]]
	has "MESSAGE=$id: acted: .*"
	has "MESSAGE=$id: $1"
	has 'MESSAGE_ID=8c9b3450ee3e4ceaac48c2468dc91404'
	has 'PRIORITY=4'
	"$hook" plan --bundle "$bundle" | grep -xE "missing: $1"
}

@test "lacks: the command runs as a user who is not root" { lacks 'the command runs as user 1000, .*USER.*' '.process.user.uid = 1000'; }
@test "lacks: capabilities that systemd needs, as in runc spec" {
	lacks 'capabilities are missing: .*--cap-add=.*SETGID,SETUID,SETPCAP' \
		'.process.capabilities.bounding = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]'
}
@test "lacks: noNewPrivileges" { lacks 'noNewPrivileges is set: .*no-new-privileges.*' '.process.noNewPrivileges = true'; }
@test "lacks: the right stop signal, as Podman says it" {
	lacks 'the stop signal .*--stop-signal=SIGRTMIN\+3.*' '.annotations["org.opencontainers.image.stopSignal"] = "15"'
}
@test "lacks: a small init before a systemd is said where it is skipped, with the cure" {
	create 'annotation("mode"; "auto") | command(["/sbin/docker-init", "--", "/sbin/init"]) | bind("/bin/true"; "/sbin/docker-init")'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: skipped: /sbin/docker-init [^;]*; leave it out .--init."
}
@test "lacks: nor is mode=always the cure where another init is in a command line" {
	local line
	for line in '["/bin/sh", "-c", "exec /usr/bin/tini-amd64 -- /sbin/init"]' '["/usr/bin/entry", "/usr/bin/tini-amd64", "--", "/sbin/init"]'; do
		printf '#!/bin/sh\nexec "$@"\n' >"$rootfs/usr/bin/entry"
		chmod 755 "$rootfs/usr/bin/entry"
		create "annotation(\"mode\"; \"auto\") | command($line) | bind(\"/bin/true\"; \"/usr/bin/tini-amd64\")"
		has "MESSAGE=$id: skipped: .*stays process 1.*; leave it out.*"
		if has '.*mode=always.*'; then return 1; fi
	done
}
@test "left out: a link to a place that has its tmpfs is not said, and one onto a volume with the true reason" {
	rm -rf "$rootfs/var/tmp"
	ln -s ../tmp "$rootfs/var/tmp"
	create 'annotation("mode"; "auto") | .root.readonly = true'
	[[ $(entries) == 1 ]]
	has "MESSAGE=$id: acted: .*"
	mkdir -p "$rootfs/data" "$room/outside"
	rm -rf "$rootfs/var/log"
	ln -s /data "$rootfs/var/log"
	create "annotation(\"mode\"; \"auto\") | bind(\"$room/outside\"; \"/data\")"
	has "MESSAGE=$id: /var/log/journal is left out: it leads onto a volume or another file system"
}
@test "lacks: a container that did not ask gets no line about what it lacks" {
	create '.process.user.uid = 1000 | .process.noNewPrivileges = true | command(["/bin/true"])'
	[[ $(entries) == 0 ]]
}

# Who has none left is asked in a user namespace of the test's own: else all containers of this machine would have none.
@test "lacks: inotify instances are refused before the start, with the sysctl" {
	local few='echo 4 >/proc/sys/user/max_inotify_instances; exec "$@"' status=0
	unshare -Ur sh -c "$few" sh "$hook" plan --bundle "$bundle" >"$room/said" || status=$?
	cat "$room/said"
	((status == 1))
	grep -qE '^refuses: only 4 inotify instances are left .*sysctl -w fs.inotify.max_user_instances=' "$room/said"
	# whoever is not systemd needs none
	change_bundle 'command(["/bin/true"])'
	unshare -Ur sh -c "$few" sh "$hook" plan --bundle "$bundle"
}

@test "journal: plan and a mistyped word leave none" {
	"$hook" plan --bundle "$bundle"
	"$hook" plan --bundle /nowhere </dev/null || true
	"$hook" plna </dev/null || true
	echo '{}' | "$hook" plna || true
	"$hook" --json </dev/null || true
	sleep 0.1
	[[ $(entries) == 0 ]]
	"$hook" --mod=auto prestart </dev/null || true
	sleep 0.1
	[[ $(entries) == 1 ]]
}

@test "journal: a journal that nobody reads delays a start by less than a second" {
	local begun
	kill -STOP "$listener"
	change_bundle 'annotation("mode"; "auto")'
	# The queue of a socket holds some, and then no more.
	perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => shift) or die; $s->blocking(0); 1 while $s->send("x=x\n")' \
		/run/systemd/journal/socket
	begun=$(date +%s%N)
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1
	((($(date +%s%N) - begun) / 1000000 < 2000))
	kill -CONT "$listener"
}

@test "journal: in the container's own journal nothing is written, even where the host has none" {
	kill "$listener"
	rm /run/systemd/journal/socket
	mkdir -p "$rootfs/run/systemd/journal"
	"$top/tests/lib/journal-listener" "$rootfs/run/systemd/journal/socket" "$room/journal" &
	listener=$!
	until [[ -e $rootfs/run/systemd/journal/socket ]]; do sleep 0.01; done
	create 'annotation("mode"; "auto")'
	[[ $(entries) == 0 ]]
}
