#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# journal=host: the container's journal in the host's /var/log/journal. Run by tests/runtime/run, in a view with a directory of its own there.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view
load feature

setup() {
	mkdir -p /var/log/journal
	mount -t tmpfs -o mode=755 tmpfs /var/log/journal
}

teardown() {
	drop_container
	umount /var/log/journal
}

on='annotation("journal"; "host") | allow("journal")'

reads_mark() { [[ $(journalctl -q -D "/var/log/journal/$1" -t mark -o cat) == the-mark ]]; }

in_the_hosts() {
	local machine_id
	feature_container "$1" "$2" "$on | $3"
	unit marks.service '[Service]' 'Type=oneshot' 'ExecStart=logger -t mark the-mark'
	boot_to "$room/log"
	machine_id=$(inside cat /etc/machine-id)
	wait_for 30 reads_mark "$machine_id"
	journalctl -q -m -D /var/log/journal -t mark -o cat | grep -x the-mark
	findmnt -rn -o OPTIONS -N "$(first_process)" "/var/log/journal/$machine_id" | grep -E '^rw,nosuid,nodev,noexec'
	inside systemctl poweroff || true
	ends_with 0
	directory=/var/log/journal/$machine_id
}

@test "journal=host: 257, and poststop removes it" {
	in_the_hosts 257 no .
	[[ ! -e $directory ]]
	is_as_before "$before"
}

@test "journal=host: 252 in a user namespace, and journal.keep=on keeps it" {
	in_the_hosts 252 yes 'annotation("journal.keep"; "on")'
	reads_mark "${directory##*/}"
	[[ ! -e /run/oci-systemd-hook-journal ]]
}

@test "journal=host: not allowed" {
	feature_container 252 no 'annotation("journal"; "host")'
	is_refused 'org.oci-systemd-hook.journal=host reaches the host.*--allow=journal'
}

@test "journal=host: what a payload leaves there is removed, and no link of its is followed" {
	feature_container 252 no "$on | annotation(\"mode\"; \"always\") | annotation(\"machine-id\"; \"$(printf 'b%.0s' {1..32})\")"
	touch "$outside/precious"
	change_bundle 'shell($line)' --arg line "cd /var/log/journal/* && mkdir -p a/b/c && touch a/b/c/d x && ln -s $outside link && ln -s $outside/precious a/link && mkfifo fifo && chmod 0 a"
	start_and_wait
	[[ -e $outside/precious ]]
	find /var/log/journal -mindepth 1
	[[ -z $(find /var/log/journal -mindepth 1) ]]
	is_as_before "$before"
}

@test "journal=host: directories deeper than a path may be are removed" {
	feature_container 252 no "$on | annotation(\"mode\"; \"always\") | annotation(\"machine-id\"; \"$(printf 'b%.0s' {1..32})\")"
	change_bundle 'shell($line)' --arg line 'cd /var/log/journal/* && mkdir moved-0 moved-1 && touch moved-2 && i=0 && while [ $i -lt 300 ]; do mkdir -p next/beside && touch next/file && cd -P next || exit 1; i=$((i + 1)); done'
	start_and_wait
	[[ -z $(find /var/log/journal -mindepth 1) ]]
	is_as_before "$before"
}

# takes ID FILTER: a start with this machine-id, whose directory is then looked for.
takes() {
	change_bundle "annotation(\"machine-id\"; \"$1\") | $2"
	start_and_wait >"$room/said" 2>&1
}

@test "journal=host: a machine-id of an annotation gives no directory of another container or of none" {
	local given
	given=$(printf 'c%.0s' {1..32})
	feature_container 252 no "$on | annotation(\"mode\"; \"always\") | command([\"touch\", \"/var/log/journal/$given/by-me\"]) | .process.terminal = false"
	mkdir "/var/log/journal/$given"
	if takes "$given" .; then return 1; fi
	grep 'is not this container.s; give the container another machine-id' "$room/said"
	[[ ! -e /var/log/journal/$given/by-me ]]
	rmdir "/var/log/journal/$given"
	takes "$given" .
	[[ ! -e /var/log/journal/$given ]]
	takes "$given" .
	[[ ! -e /var/log/journal/$given ]]
	# a start that was killed before it had set the mark
	mkdir -m 700 /run/oci-systemd-hook-journal
	printf '%s\n' "$given" "$bundle" >"/run/oci-systemd-hook-journal/$id"
	mkdir "/var/log/journal/$given"
	takes "$given" .
	[[ ! -e /var/log/journal/$given ]]
	# kept under an id that was given: for whoever gives it, to keep it, too
	takes "$given" 'annotation("journal.keep"; "on")'
	rm "/var/log/journal/$given/by-me"
	takes "$given" .
	[[ -e /var/log/journal/$given/by-me ]]
	if takes "$given" 'annotation("journal.keep"; "off")'; then return 1; fi
}

@test "journal=host: the host's own directory, a link, a file, another's directory and none are refused" {
	local id_of_host
	feature_container 252 no "$on | annotation(\"machine-id\"; \"$(printf 'a%.0s' {1..32})\")"
	ln -s "$outside" "/var/log/journal/$(printf 'a%.0s' {1..32})"
	is_refused 'journal: cannot open the host.s /var/log/journal/a+: (Not a directory|Too many levels)'
	rm "/var/log/journal/$(printf 'a%.0s' {1..32})"
	mkfifo "/var/log/journal/$(printf 'a%.0s' {1..32})"
	is_refused 'journal: cannot open the host.s /var/log/journal/a+: Not a directory'
	rm "/var/log/journal/$(printf 'a%.0s' {1..32})"
	install -d -o 1000 "/var/log/journal/$(printf 'a%.0s' {1..32})"
	is_refused 'journal: the host.s /var/log/journal/a+ is user 1000.s'
	[[ -d /var/log/journal/$(printf 'a%.0s' {1..32}) ]]
	rmdir "/var/log/journal/$(printf 'a%.0s' {1..32})"
	printf 'a%.0s' {1..32} >"$room/id"
	mount --bind "$room/id" /etc/machine-id
	before=$(host_state)
	is_refused 'journal: a+ is the machine-id of the host' || { umount /etc/machine-id; return 1; }
	umount /etc/machine-id
	before=$(host_state)
	chmod 1777 /var/log/journal
	is_refused 'journal: the host.s /var/log/journal can be written by others'
	chmod 755 /var/log/journal
	is_refused 'journal=host needs the hook.s tmpfs' 'annotation("tmpfs.journal"; "off")'
	is_refused 'journal=host needs a machine-id' 'annotation("tmpfs.journal"; "10%") | annotation("machine-id"; "image")'
}
