# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A file system that never answers: half a minute later the time limit ends the hook, also where the kernel waits for the server and lets
# only a fatal signal through. Then there is nobody to say a line.

silent_volume() {
	mkdir -p "$room/silent"
	coproc silent { "$programs/silent" "$room/silent"; }
	read -r _ <&"${silent[0]}"
	with command '["/data/init"]'
	limit=35000 may_die=9
}
# Where a signal is let through, it ends with a sentence: here the state that never comes.
waits_for_a_state() {
	local name='a state that never comes' status=0
	[[ $name =~ $filter ]] || return 0
	broken=() outcome=refused took=0
	mkfifo "$room/never"
	timeout 45 "$hook" prestart <>"$room/never" >/dev/null 2>"$room/err" || status=$?
	is 'prestart ends by' "$status" 1
	one_clear_line "$room/err"
	grep -q 'does not answer' "$room/err" || broken+=("it says $(<"$room/err")")
	judge "$name" refused
	printf '%-18s%s\n' "$status" "$name"
}
waits_for_a_state
if [[ -e /dev/fuse ]]; then
	try 'a volume that never answers' killed silent_volume -- linger "bind=$room/silent:/data"
else
	skip 'a volume that never answers' 'no /dev/fuse'
fi
