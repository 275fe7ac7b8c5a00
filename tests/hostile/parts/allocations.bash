# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Each allocation of a stage gets nothing, one at a time: the hook's own and those of the libraries that it uses. The container does not start, or
# starts with all that it would have.

# without_memory WHICH: the hook, with that allocation of prestart failing; kernel: a variable more.
without_memory() {
	rm -f "$room/told"
	printf '#!/bin/sh\n[ $1 = prestart ] || exec %s "$@"\n%s FAIL_ALLOCATION=%s FAIL_TOLD=%s LD_PRELOAD=%s exec %s "$@"\n' \
		"$hook" "$kernel" "$1" "$room/told" "$programs/allocations.so" "$hook" >"$tried"
}

# allocations NAME SETUP... [-- WORD...]: each of prestart's in turn, until there are no more.
allocations() {
	local name="allocations: $1" which good
	[[ $name =~ $filter ]] || return 0
	declare -A ended_so=()
	tried=$hook
	twice "${@:2}"
	good=$(<"$room/mounts-after")
	tried=$room/wrapper
	: >"$tried" && chmod 755 "$tried"
	for ((which = 1; ; which++)); do
		without_memory "$which"
		twice "${@:2}"
		[[ -e $room/told ]] || break
		[[ $outcome != ignored ]] || broken+=('the container would start without it, in silence')
		[[ $outcome != acts || $(<"$room/mounts-after") == "$good" ]] || broken+=('it starts with other mounts')
		judge "$name, $which" any
		((${#broken[@]})) || ended_so[$outcome]=$((${ended_so[$outcome]:-0} + 1))
		[[ ! ${VERBOSE:-} ]] || printf '%-18s%s\n' "$outcome" "$name, $which: $(head -c 200 "$room/err")"
	done
	judge "$name, none" acts
	printf '%-18s%s, %s of them:' allocations "${name#*: }" "$((which - 1))"
	for outcome in "${!ended_so[@]}"; do printf ' %s %s' "${ended_so[$outcome]}" "$outcome"; done
	echo
	tried=
}

# Volumes to keep, and a config.json of more than one piece with long strings and escapes in it.
large() {
	mkdir "$rootfs/run/v"
	environment="[\"PATH=/usr/sbin:/sbin\",\"LONG=$(printf 'x%.0s' {1..20000})\",\"TABS=$(printf '\\t%.0s' {1..3000})\"]"
	annotations="{\"com.example.long\":\"$(printf 'x%.0s' {1..9000})\"}"
}
kernel=
allocations 'of a plain start' true
allocations 'of a large one' large -- "bind=$volume:/run/v:shared"
kernel=OLD_KERNEL=1
allocations 'where libmount reads the mounts' large -- "bind=$volume:/run/v:shared"
