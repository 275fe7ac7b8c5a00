# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A sample of the table and what is only there, on another view of the host, without and with a user namespace.

for word in host-cgroup-namespace user-namespace; do
	for path in /etc/machine-id /run /tmp /var/log/journal /sys/fs/cgroup; do
		for kind in upward dangling shared fifo closed mount; do
			is=$(is_of "$path")
			wanted_of "$path $kind"
			# shellcheck disable=SC2046 # words
			try "$view, $word: $path is $kind" "$wanted" "as_$kind" "$path" -- "$word" $(engine_of "$path")
		done
	done
	try "$view, $word: nothing hostile" acts true -- "$word"
	try "$view, $word: pid of a stranger" refused true -- "$word" pid=stranger
done

# Every start has a record, which poststop looks for. Two containers of one id: tests/runtime/own-cgroup.bats.
open_to_others() { mkdir -m 777 /run/oci-systemd-hook && chmod 777 /run/oci-systemd-hook; }
try "$view: the records are open to others" refused eval 'open_to_others; refusing=1'
rm -rf /run/oci-systemd-hook
linked_records() { ln -s "$canary" /run/oci-systemd-hook; }
try "$view: the records are a link" refused eval 'linked_records; refusing=1'
rm -f /run/oci-systemd-hook

# Where the hook makes cgroups, they are on record whole or not made at all.
try_limited "$view: a record that is cut" refused 20
tried=

# A mount table names what is covered, too: nothing is made in what lies over it.
asks_for_unified() { annotations='{"org.oci-systemd-hook.cgroup":"unified"}'; }
if [[ $view != unified ]]; then
	mkdir -p /mnt/covered/cgroup
	mount -t cgroup2 cgroup2 /mnt/covered/cgroup
	try "$view: cgroup2 at an unusual place" acts asks_for_unified
	mount -t tmpfs tmpfs /mnt/covered
	mkdir /mnt/covered/cgroup
	try "$view: cgroup2 at an unusual place, covered" acts asks_for_unified
	umount /mnt/covered /mnt/covered/cgroup
fi
