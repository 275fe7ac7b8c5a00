#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# credentials=: system credentials from a volume. Run by tests/runtime/run.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view
load feature

teardown() { drop_container; }

# A volume as Kubernetes makes it of a secret: links to files in a directory that is a link.
secret_volume() {
	local data=$outside/..2026_01_01 name
	mkdir "$data"
	printf s3cret >"$data/my.secret"
	printf 'f /run/made-by-a-credential 0640 - - - hello\n' >"$data/tmpfiles.extra"
	printf 'ssh-ed25519 AAAAC3Nz somebody\n' >"$data/ssh.authorized_keys.root"
	ln -s ..2026_01_01 "$outside/..data"
	for name in my.secret tmpfiles.extra ssh.authorized_keys.root; do ln -s "..data/$name" "$outside/$name"; done
	[[ $userns == no ]] || chown -hR "$shift_by:$shift_by" "$outside"
	change_bundle "bind(\"$outside\"; \"/secrets\") | annotation(\"credentials\"; \"/secrets\")"
}

gives() {
	feature_container "$1" "$2" .
	secret_volume
	unit loads.service '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' 'LoadCredential=my.secret' \
		'ExecStart=sh -c "cp $$CREDENTIALS_DIRECTORY/my.secret /run/loaded"'
	[[ $1 == 252 ]] || unit imports.service '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' 'ImportCredential=my.*' \
		'ExecStart=sh -c "cp $$CREDENTIALS_DIRECTORY/my.secret /run/imported"'
	boot_to "$room/log"
	[[ $(inside systemctl is-system-running --wait) == running ]]
	[[ $(inside cat /run/loaded) == s3cret ]]
	[[ $1 == 252 || $(inside cat /run/imported) == s3cret ]]
	[[ $(inside cat /run/made-by-a-credential) == hello ]]
	[[ $(inside cat /root/.ssh/authorized_keys) == 'ssh-ed25519 AAAAC3Nz somebody' ]]
	[[ $1 == 252 ]] || inside systemd-creds --system list | grep my.secret
	[[ $(inside stat -c '%a %u:%g' /run/credstore /run/credstore/my.secret) == $'700 0:0\n400 0:0' ]]
	# PID 1 has removed what it has read; 252 does not know that place
	[[ $1 == 252 ]] || not inside test -e /run/credentials/@initrd/my.secret
	# some of them are nobody's to read: then cat says so, and reads on
	inside sh -c 'cat /proc/[0-9]*/environ 2>/dev/null; true' >"$room/environ"
	[[ -s $room/environ ]]
	runtime state "$id" >"$room/state"
	not grep -aq s3cret "$room/environ" "$room/state"
	inside systemctl poweroff || true
	ends_with 0
	is_as_before "$before"
	[[ $(cat "$outside/my.secret") == s3cret ]]
}

@test "credentials: 252" { gives 252 no; }
@test "credentials: 257 in a user namespace" { gives 257 yes; }
@test "credentials: 262" { gives 262 no; }

@test "credentials: 247 reads none, and a word says so" {
	feature_container 247 no .
	secret_volume
	is_refused 'credentials: systemd 247 cannot read them: '
}

# Each in turn: what is in the volume, and what is said.
@test "credentials: what is no credential is refused by its name" {
	feature_container 252 no .
	change_bundle "bind(\"$outside\"; \"/secrets\") | annotation(\"credentials\"; \"/secrets\")"
	refuses() {
		is_refused "$1"
		find "$outside" -mindepth 1 -delete
	}
	ln -s ../../../etc/shadow "$outside/shadow"
	refuses 'credentials: /secrets/shadow leads out of that directory'
	ln -s /etc/shadow "$outside/absolute"
	refuses 'credentials: /secrets/absolute leads out of that directory'
	ln -s ../x "$outside/..x"
	mkfifo "$outside/fifo"
	refuses 'credentials: the container.s /secrets/fifo is a FIFO'
	mkdir "$outside/directory"
	refuses 'credentials: the container.s /secrets/directory is a (directory|device)'
	mknod "$outside/null" c 1 3
	refuses 'credentials: the container.s /secrets/null is a device'
	touch "$outside/a:b"
	refuses 'credentials: .{1,2}a:b.{1,2} in /secrets cannot be the name of a credential'
	touch "$outside/"$'new\nline'
	refuses 'credentials: .{1,2}new.+x0aline.{1,2} in /secrets cannot be the name of a credential'
	head -c 2M /dev/zero >"$outside/large"
	refuses 'credentials: /secrets holds more than 1 MiB'
	truncate -s 1T "$outside/endless"
	refuses 'credentials: /secrets holds more than 1 MiB'
	head -c 600K /dev/zero >"$outside/one"
	head -c 600K /dev/zero >"$outside/two"
	refuses 'credentials: /secrets holds more than 1 MiB'
	(cd "$outside" && seq -f 'c%g' 129 | xargs touch)
	refuses 'credentials: /secrets holds more than 128 files'
	(cd "$outside" && seq -f '..x%g' 20000 | xargs touch)
	refuses 'credentials: /secrets holds more than 128 files'
	ln -s loop "$outside/loop"
	refuses 'credentials: cannot open /secrets/loop: Too many levels'
	ln -s nothing "$outside/dangling"
	refuses 'credentials: cannot open /secrets/dangling: No such file'
}

@test "credentials: a directory that is none" {
	feature_container 252 no .
	is_refused 'credentials: .*the container.s /missing .openat2.: No such file.*credentials= names a directory' 'annotation("credentials"; "/missing")'
	is_refused 'credentials: .*the container.s /etc/passwd .openat2.: Not a directory' 'annotation("credentials"; "/etc/passwd")'
	is_refused 'credentials: .*the container.s /proc/1 leads into /proc' 'annotation("credentials"; "/proc/1")'
	is_refused 'credentials: the container.s /sys/kernel leads into /sys' 'annotation("credentials"; "/sys/kernel")'
	is_refused '.*invalid value \.\./x for org.oci-systemd-hook.credentials' 'annotation("credentials"; "../x")'
}

@test "credentials: as many and as large as systemd takes, and none" {
	feature_container 252 no 'annotation("mode"; "always") | shell("ls /run/credstore | wc -l; cat /run/credstore/* | wc -c")'
	change_bundle "bind(\"$outside\"; \"/secrets\") | annotation(\"credentials\"; \"/secrets\")"
	for i in $(seq 128); do head -c 8192 /dev/zero >"$outside/c$i"; done
	[[ $(start_and_wait) == $'128\n1048576' ]]
	rm "$outside"/c*
	[[ $(start_and_wait) == $'0\n0' ]]
}

@test "credentials: in a user namespace what the host's root alone may read stays so" {
	feature_container 257 yes .
	chmod 755 "$outside"
	(umask 077 && echo host >"$outside/secret")
	is_refused 'credentials: cannot open the container.s /secrets/secret: Permission denied' \
		"bind(\"$outside\"; \"/secrets\") | annotation(\"credentials\"; \"/secrets\")"
}

@test "credentials: without a tmpfs on /run" {
	feature_container 252 no .
	change_bundle "bind(\"$outside\"; \"/run\") | annotation(\"credentials\"; \"/etc/apt\")"
	is_refused 'credentials needs a tmpfs on /run'
}
