# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Each system call of prestart after its hardening fails, or is its last. By default every seventh, each with another error; FULL=1: all.

strace=$(command -v strace || true)

# The names of the calls, as strace tells them.
calls_of_prestart() {
	fresh
	write_bundle
	tried=$room/wrapper
	printf '#!/bin/sh\n[ $1 = prestart ] || exec %s "$@"\nexec %s -qq -o %s %s "$@"\n' "$hook" "$strace" "$room/calls" "$hook" >"$tried"
	chmod 755 "$tried"
	live
	# From the marker on: without it, or with a call list that is cut, nothing would be tried.
	mapfile -t calls < <(awk -F'(' '/^[a-z]/ && hardened { print $1 } /PR_SET_NO_NEW_PRIVS/ { hardened = 1 }' "$room/calls")
	mounts_of_good=$(<"$room/mounts-after")
}

# What strace says of all calls, once: what the hook can still do in the container. How many they are, tests/runtime/syscalls.bats looks at.
look_at_calls() {
	local name='capabilities: only what files and mounts need, once in the container'
	if [[ $name =~ $filter ]]; then
		broken=()
		is 'given up' "$(grep -c '^capset(' "$room/calls")" 1
		is 'kept' "$(sed -n 's/^capset(.*effective=\([^,]*\), permitted=\([^,]*\), inheritable=\([^,}]*\)}.*/\1 \2 \3/p' "$room/calls")" "$kept $kept 0"
		is 'entered or mounted in the wrong order' "$(awk '/^capset\(/ { given = 1 } /^setns\(/ && given; /^move_mount\(/ && !given' "$room/calls")" ''
		judge "$name" acts
	fi
}
kept='1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE|1<<CAP_FOWNER|1<<CAP_FSETID|1<<CAP_SYS_ADMIN|1<<CAP_MKNOD'

declare -A number_of=([ENOSYS]=38 [EPERM]=1 [ENOMEM]=12 [EIO]=5 [EAGAIN]=11 [KILL]=0)

# inject WHICH WHAT: an error's name, or KILL.
inject() {
	[[ $2 != KILL ]] || may_die=9
	limit=3000
	printf '#!/bin/sh\n[ $1 = prestart ] || exec %s "$@"\nexec %s %s %s %s "$@"\n' \
		"$hook" "$programs/inject" "$1" "${number_of[$2]}" "$hook" >"$tried"
}

# fault WHICH WHAT [WANTED]
fault() {
	local name="fault: call $1 (${calls[$1 - 1]}) $2"
	[[ $name =~ $filter ]] || return 0
	twice inject "$@"
	[[ $2 != KILL ]] || is "$name ends" "$outcome" killed
	[[ $outcome != ignored ]] || broken+=('the container would start without it, in silence')
	if [[ $outcome == acts && $(<"$room/mounts-after") != "$mounts_of_good" ]]; then
		less+=("$name: $(diff <(echo "$mounts_of_good") "$room/mounts-after" | sed -n "s|^\([<>]\) [^ ]* [^ ]*/rootfs|\1 |p" | cut -d" " -f1-3 | xargs || true)")
	fi
	judge "$name" "${3:-any}"
	((${#broken[@]})) || ended_so[$outcome]=$((${ended_so[$outcome]:-0} + 1))
	[[ ! ${VERBOSE:-} ]] || printf '%-18s%s: %s\n' "$outcome" "$name" "$(head -c 200 "$room/err")"
}

if [[ ! $strace || ! -x $programs/inject ]]; then
	skip 'faults' 'no strace, or a machine that inject.c does not know'
else
	declare -A ended_so=()
	less=() step=0 every=$([[ ${FULL:-} == 1 ]] && echo 1 || echo 7)
	calls_of_prestart
	if ((${#calls[@]} < 200)); then
		broken=("strace shows ${#calls[@]} calls after prctl(PR_SET_NO_NEW_PRIVS), where there are at least 200")
		judge 'faults: there are calls to fail' any
	fi
	look_at_calls
	for ((which = 1; which <= ${#calls[@]}; which++)); do
		# lookup-beside-other-mounts: a lookup that was disturbed is no failed container.
		[[ ${calls[which - 1]} != openat2 ]] || fault "$which" EAGAIN acts
		[[ ${calls[which - 1]} != exit_group ]] || continue # that does not return
		for what in ENOSYS EPERM ENOMEM EIO KILL; do
			((step++ % every)) || fault "$which" "$what"
		done
	done
	printf '%-18s%s calls:' faults "${#calls[@]}"
	for outcome in "${!ended_so[@]}"; do printf ' %s %s' "${ended_so[$outcome]}" "$outcome"; done
	echo
	[[ ! ${VERBOSE:-} ]] || printf '    acts, with other mounts: %s\n' "${less[@]}"
	tried=
fi
