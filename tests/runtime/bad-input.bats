#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Input that must be refused with one clear line and status 1. Run by tests/runtime/run.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() {
	make_container bad-input runc "$(payload_tree 252 no)" '.process.terminal = false'
	# A process with a mount namespace of its own, that is no container of ours.
	unshare -m sleep 300 &
	stranger=$!
	until [[ $(readlink /proc/$stranger/ns/mnt) != "$(readlink /proc/self/ns/mnt)" ]]; do sleep 0.01; done
	stranger_mounts=$(</proc/$stranger/mountinfo)
}

teardown() {
	kill "$stranger"
	drop_container
}

# state [FILTER]: what a runtime says at prestart, changed.
state() {
	jq -n --arg id "$id" --arg bundle "$bundle" --argjson pid "${stranger:-0}" \
		"{ociVersion: \"1.0.2\", id: \$id, status: \"creating\", pid: \$pid, bundle: \$bundle} | ${1:-.}"
}

# refused SENTENCE COMMAND...: status 1; on stderr exactly one line, of the hook, that has SENTENCE as it stands, or in which it matches where it
# has a wildcard (.*); nothing on stdout; nothing done.
refused() {
	local pattern=$1 status=0
	shift
	timeout 20 "$@" >"$room/out" 2>"$room/err" || status=$?
	echo "status $status; stdout: $(head -c 500 "$room/out"); stderr: $(head -c 2000 "$room/err")"
	((status == 1))
	[[ ! -s $room/out ]]
	[[ $(wc -l <"$room/err") == 1 ]]
	grep -q '^oci-systemd-hook: ' "$room/err"
	if [[ $pattern == *'.*'* || $pattern == *'|'* ]]; then
		grep -qiE -- "$pattern" "$room/err"
	else
		grep -qF -- "$pattern" "$room/err"
	fi
	[[ $(<"/proc/$stranger/mountinfo") == "$stranger_mounts" ]]
}

prestart_refuses() { # PATTERN STATE
	refused "$1" "$hook" prestart <<<"$2"
}

# annotation_refused PATTERN KEY VALUE: asked for in config.json.
annotation_refused() {
	change_bundle "annotation(\"$2\"; \"$3\")"
	prestart_refuses "$1" "$(state)"
}

@test "refused: stdin is closed" { refused "the container's state on standard input: it is empty; a runtime calls this program and writes the state; see oci-systemd-hook(8)" "$hook" prestart <&-; }
@test "refused: stdin is empty" { refused "the container's state on standard input: it is empty; a runtime calls this program and writes the state; see oci-systemd-hook(8)" "$hook" prestart < <(:); }
@test "refused: stdin is /dev/null" { refused "the container's state on standard input: it is empty; a runtime calls this program and writes the state; see oci-systemd-hook(8)" "$hook" prestart </dev/null; }
@test "refused: stdin is a directory" { refused "the container's state on standard input: cannot read: Is a directory" "$hook" prestart </; }
@test "refused: JSON cut in the middle" {
	prestart_refuses "the container's state on standard input: not valid JSON near byte 33: parse error: premature EOF" '{"ociVersion":"1.0.2","id":"abc"'
}
@test "refused: JSON with more behind it" { prestart_refuses "parse error: trailing garbage" "$(state) x"; }
@test "refused: no JSON" { prestart_refuses "the container's state on standard input: not valid JSON near byte 1: lexical error: invalid char in json text." 'hello'; }
@test "refused: state is an array" { prestart_refuses "the container's state on standard input: expected an object, found an array" '[]'; }
@test "refused: state is null" { prestart_refuses "the container's state on standard input: expected an object" 'null'; }
@test "refused: 100000 nested arrays" {
	prestart_refuses "the container's state on standard input: nested deeper than 10000" "{\"more\": $(printf '[%.0s' {1..100000})"
}
@test "refused: a key twice" { prestart_refuses "the container's state on standard input: pid: the key comes twice" "$(state | sed 's/^{/{"pid": 4,/')"; }
@test "refused: a NUL in a string" { prestart_refuses "the container's state on standard input: id: a string has a NUL byte in it" "$(state '.id = "a\u0000b"')"; }
@test "refused: pid is a string" { prestart_refuses "the container's state on standard input: pid: expected a whole number, found a string" "$(state '.pid = "12"')"; }
@test "refused: pid is a fraction" { prestart_refuses "the container's state on standard input: pid: expected a whole number, found a number that is not whole or does not fit" "$(state '.pid = 12.5')"; }
@test "refused: pid is negative" { prestart_refuses "the container's state on standard input: pid: -1 is not a process id" "$(state '.pid = -1')"; }
@test "refused: pid is beyond all numbers" { prestart_refuses "the container's state on standard input: pid: expected a whole number, found a number that is not whole or does not fit" "$(state | sed 's/"pid": [0-9]*/"pid": 99999999999999999999/')"; }
@test "refused: pid is missing" { prestart_refuses 'pid' "$(state 'del(.pid)')"; }
@test "refused: id is a number" { prestart_refuses "the container's state on standard input: id: expected a string, found a number" "$(state '.id = 5')"; }
@test "refused: id is missing" { prestart_refuses "the container's state on standard input: no id in it" "$(state 'del(.id)')"; }
@test "refused: id is a path" { prestart_refuses "the container's state on standard input: id: \"../../etc\" cannot be the id of a container" "$(state '.id = "../../etc"')"; }
@test "refused: bundle is a number" { prestart_refuses "the container's state on standard input: bundle: expected a string, found a number" "$(state '.bundle = 5')"; }
@test "refused: bundle is missing" { prestart_refuses "the container's state has no bundle" "$(state 'del(.bundle)')"; }
@test "refused: annotations of the state are an array" { prestart_refuses "the container's state on standard input: annotations: expected an object, found an array" "$(state '.annotations = ["a"]')"; }
@test "refused: bundle is not there" { prestart_refuses "cannot open the bundle /missing-bundle: No such file or directory" "$(state '.bundle = "/missing-bundle"')"; }
@test "refused: bundle is a file" { prestart_refuses 'config.json' "$(state '.bundle += "/config.json"')"; }

@test "refused: config.json is missing" {
	rm "$bundle/config.json"
	prestart_refuses 'config.json' "$(state)"
}

@test "refused: config.json is a FIFO" {
	rm "$bundle/config.json"
	mkfifo "$bundle/config.json"
	prestart_refuses 'config.json' "$(state)"
}

@test "refused: config.json is a directory" {
	rm "$bundle/config.json"
	mkdir "$bundle/config.json"
	prestart_refuses 'config.json' "$(state)"
}

@test "refused: config.json is cut in the middle" {
	truncate -s 200 "$bundle/config.json"
	prestart_refuses 'config.json' "$(state)"
}

# config_refused PATTERN FILTER
config_refused() {
	change_bundle "$2"
	prestart_refuses "$1" "$(state)"
}

@test "refused: process.args is a string" { config_refused 'args' '.process.args = "/sbin/init"'; }
@test "refused: an argument is a number" { config_refused 'args' '.process.args = [5]'; }
@test "refused: root.path is a number" { config_refused 'root' '.root.path = 5'; }
@test "refused: no root" { config_refused 'root' 'del(.root)'; }
@test "refused: annotations are an array" { config_refused 'annotations' '.annotations = ["mode"]'; }
@test "refused: an annotation is a number" { config_refused 'annotation|mode' '.annotations["org.oci-systemd-hook.mode"] = 1'; }
@test "refused: mounts are a string" { config_refused 'mounts' '.mounts = "none"'; }

@test "refused: a process that is dead" {
	sleep 0 &
	local dead=$!
	wait $dead
	prestart_refuses "$dead" "$(state ".pid = $dead")"
}

@test "refused: process 0" { prestart_refuses 'pid' "$(state '.pid = 0')"; }
@test "refused: process 1" { prestart_refuses "pid 1 cannot be a container's process; the state has to give its pid on the host" "$(state '.pid = 1')"; }
@test "refused: a process in the mount namespace of the hook" { prestart_refuses 'namespace' "$(state ".pid = $$")"; }
@test "refused: a process of somebody else" {
	prestart_refuses "is not the first process of a container that is being made of this rootfs" "$(state)"
}

@test "refused: stage createContainer" { refused 'createContainer' "$hook" createContainer <<<"$(state)"; }
@test "refused: stage startContainer" { refused 'startContainer' "$hook" startContainer <<<"$(state)"; }
@test "refused: stage createContainer in the environment" {
	refused 'createContainer' env stage=createContainer "$hook" <<<"$(state)"
}

@test "refused: unknown annotation, with those that there are" { annotation_refused 'colour.*mode' colour blue; }
@test "refused: mode=maybe, with the values" { annotation_refused 'mode.*auto.*always.*off' mode maybe; }
@test "refused: cgroup=v3, with the values" { annotation_refused 'cgroup.*auto.*unified.*hybrid.*legacy' cgroup v3; }
@test "refused: journal=always, with the values" { annotation_refused 'journal.*volatile' journal always; }
@test "refused: machine-id that is no id" { annotation_refused 'machine-id.*auto.*image.*32' machine-id 0123; }
@test "refused: machine-id of zeros only" { annotation_refused 'machine-id' machine-id 00000000000000000000000000000000; }
@test "refused: a size that is none" { annotation_refused 'invalid value large for org.oci-systemd-hook.tmpfs.run; expected off, a size such as 64m, 1 to 100%' tmpfs.run large; }
@test "refused: a size with a mount option in it" { annotation_refused 'tmpfs.tmp' tmpfs.tmp 64m,mode=0777; }
@test "refused: a size of more than everything" { annotation_refused 'tmpfs.journal' tmpfs.journal 101%; }
@test "refused: a size below zero" { annotation_refused 'tmpfs.run' tmpfs.run -1; }

# Of a container that is one: a stranger's process is refused before.
not_allowed() {
	local status=0
	change_bundle "annotation(\"$1\"; \"$2\")"
	start_and_wait >"$room/said" 2>&1 || status=$?
	cat "$room/said"
	((status))
	grep -q "oci-systemd-hook: .*$1=$2 reaches the host, .* add --allow=$1" "$room/said"
}
@test "not allowed: journal=host" { not_allowed journal host; }
@test "not allowed: lxcfs=on" { not_allowed lxcfs on; }
@test "not allowed: machine=on" { not_allowed machine on; }
@test "not allowed: console=log" { not_allowed console log; }
@test "unknown: ssh=on" { annotation_refused 'unknown key org.oci-systemd-hook.ssh; known keys: mode, ' ssh on; }

# The runtime puts the hook's stderr into its own message.
kernel_lacks() {
	local before status=0
	change_bundle ".hooks.prestart[0] = {path: \"$WITHOUT_SYSCALL\",
		args: [\"without-syscall\", \"$1\", \"$hook\", \"oci-systemd-hook\", \"prestart\"]}"
	before=$(host_state)
	start_and_wait >"$room/said" 2>&1 || status=$?
	cat "$room/said"
	((status))
	grep -q "oci-systemd-hook: .*$1.*5\.12" "$room/said"
	is_as_before "$before"
}

@test "kernel lacks mount_setattr" { kernel_lacks mount_setattr; }
@test "kernel lacks fsopen" { kernel_lacks fsopen; }
@test "kernel lacks open_tree" { kernel_lacks open_tree; }
@test "kernel lacks move_mount" { kernel_lacks move_mount; }
@test "kernel lacks openat2" { kernel_lacks openat2; }
@test "kernel lacks pidfd_open" { kernel_lacks pidfd_open; }
