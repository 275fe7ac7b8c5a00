# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Processes that are not the container's, stages that are not ours, and ids that are another's.

other() { mkdir -p "$room/other" && rm -rf "$room/other/rootfs" && cp -a "$room/image" "$room/other/rootfs"; }

try 'pid: none of it' refused true -- pid=0
try 'pid: the first process of the host' refused true -- pid=1
try 'pid: a thread of the kernel' refused true -- pid=2
try 'pid: none that runs' refused true -- pid=2147483647
try 'pid: dead' refused true -- pid=dead
try 'pid: in the hook'"'"'s own mount namespace' refused true -- pid=self
try 'pid: a stranger with its own mount namespace' refused true -- pid=stranger
try 'pid: the container'"'"'s, which a stranger has now' refused true -- pid=reused
try 'pid: another container' refused other -- pid=other
try 'pid: another container, of the same image' refused eval 'other; with root "{\"path\":\"$room/other/rootfs/../../bundle/rootfs\"}"' -- pid=other
try 'no proc in the container' refused true -- no-proc
try 'no sys in the container' refused true -- no-sys
try 'the proc of the host in the container' refused true -- no-proc bind=/proc:/proc

for stage in createContainer startContainer '' ../poststop; do
	try "stage: ${stage:-empty}" refused true -- "stage=$stage"
done
try 'stage: poststop, while it runs' ignored true -- stage=poststop
