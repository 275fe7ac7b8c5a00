# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Processes that are not the container's, stages that are not ours, and ids that are another's.

other() { mkdir -p "$room/other" && rm -rf "$room/other/rootfs" && cp -a "$room/image" "$room/other/rootfs"; }

try 'pid: none of it' refused true -- pid=0
try 'pid: the first process of the host' refused true -- pid=1
try 'pid: a thread of the kernel' ignored true -- pid=2
try 'pid: none that runs' refused true -- pid=2147483647
try 'pid: dead' refused true -- pid=dead
try 'pid: in the hook'"'"'s own mount namespace' refused true -- pid=self
try 'pid: a stranger with its own mount namespace' refused true -- pid=stranger
try 'pid: the container'"'"'s, which a stranger has now' refused true -- pid=reused
# under BEFORE...: prestart is run by these words, with the hook and its arguments behind them.
under() {
	tried=$room/wrapper
	printf '%s\n' '#!/bin/sh' "[ \$1 = prestart ] || exec $hook \"\$@\"" "export ASAN_OPTIONS=detect_leaks=0" "exec $* $hook \"\$@\"" >"$tried"
	chmod 755 "$tried"
	limit=3000
}
if command -v strace >/dev/null; then
	# While the hook holds a hierarchy, right before it moves the process.
	try 'pid: taken by a stranger before it is moved' refused under "strace -qq -o $room/calls -e trace=open_tree -e inject=open_tree:delay_exit=700000:when=1" -- pid=taken
	# The third is of cgroup2: without it the container would get another layout.
	try 'a host that cannot be looked at' refused under "strace -qq -o $room/calls -e trace=statfs -e inject=statfs:error=ENOMEM:when=2"
else
	skip 'pid: taken by a stranger before it is moved' 'no strace'
fi
try_limited 'RLIMIT_FSIZE 0 ends with a line' refused 0
tried=
try 'pid: another container' refused other -- pid=other
try 'pid: another container, of the same image' refused eval 'other; with root "{\"path\":\"$room/other/rootfs/../../bundle/rootfs\"}"' -- pid=other
try 'no proc in the container' refused true -- no-proc
try 'no sys in the container' refused true -- no-sys
try 'the proc of the host in the container' refused true -- no-proc bind=/proc:/proc

for stage in createContainer startContainer; do
	try "stage: $stage" refused true -- "stage=$stage"
done
try 'stage: poststop, while it runs' ignored true -- stage=poststop
