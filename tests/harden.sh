#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the hook does to itself before it reads a word (HACKING, security rule 5), looked at from outside while it waits for the state on its
# standard input. Needs no root.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
hook=${HOOK:-build/oci-systemd-hook} failed=0
[[ $hook == /* ]] || hook=$PWD/$hook
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
complain() {
	echo "harden: $1"
	failed=1
}

mkfifo "$room/state"
# As a careless engine would call it: descriptors, umask, directory and signals of its own.
careless=()
if env --block-signal=ALRM --ignore-signal=CHLD true 2>/dev/null; then careless=(env --block-signal=ALRM --block-signal=TERM --ignore-signal=CHLD); fi
(cd "$room" && umask 0 && exec "${careless[@]}" "$hook" prestart <"$room/state" >"$room/out" 2>"$room/err" 9</etc/hostname 17>"$room/open") &
pid=$!
exec 5>"$room/state"
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status" 2>/dev/null; }
# Until it has done all of it and waits: the timer is the last.
for _ in {1..200}; do
	[[ $(status NoNewPrivs) == 1 && $(readlink "/proc/$pid/cwd") == / ]] && break
	sleep 0.02
done
[[ $(status NoNewPrivs) == 1 ]] || complain 'it can gain privileges: no_new_privs is off'
[[ $(status Umask) == 0077 ]] || complain "its umask is $(status Umask), not 0077"
[[ $(readlink "/proc/$pid/cwd") == / ]] || complain "it is in $(readlink "/proc/$pid/cwd"), not in /"
((0x$(status SigIgn) >> 12 & 1)) || complain 'SIGPIPE would end it without a word'
[[ $(status SigBlk) =~ ^0+$ ]] || complain "signals are blocked ($(status SigBlk)): the time limit would end without a word"
((0x$(status SigIgn) >> 16 & 1)) && complain 'SIGCHLD is ignored: it could wait for no child'
for fd in "/proc/$pid/fd"/*; do
	[[ $(readlink "$fd") != @(/etc/hostname|"$room/open") ]] || complain "descriptor ${fd##*/} is still open: $(readlink "$fd")"
done
[[ ! -r /proc/$pid/timers ]] || grep -q . "/proc/$pid/timers" || complain 'it has no timer that ends it'
exec 5>&-
wait "$pid"
[[ $? == 1 && $(wc -l <"$room/err") == 1 ]] || complain "with nothing to read it says: $(head -n 3 "$room/err")"

# Without the first three descriptors its files must not become these.
for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&- 2>&-'; do
	eval "\"\$hook\" prestart $closed" >"$room/out" 2>"$room/err" </dev/null
	(($? == 1)) || complain "$closed: its status is not 1"
done

# Nobody reads what it says.
{
	sleep 0.2
	"$hook" prestart </dev/null
	echo $? >"$room/ended"
} 2>&1 | true
[[ $(<"$room/ended") == 1 ]] || complain "with nobody who reads its status is $(<"$room/ended"), not 1"

if ((failed == 0)); then echo 'harden: ok'; fi
exit $failed
