#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rooms of the code (HACKING.md): which room may use which, and which file alone may make which call.
# arrows.sh [BUILD]: with the objects of a build, symbols are looked at, too, and not includes alone.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=${1:-build} failed=0 stale=()

# The table of HACKING.md: a room, and the rooms that it may use besides itself. What it says is in a room, is there.
declare -A may_use=()
while IFS='|' read -r _ room _ content used _; do
	room=${room//[\` ]/} directory=$room
	[[ $room =~ ^(lib/.*|hook)$ ]] || continue
	may_use[${room#lib/}]=$used
	# shellcheck disable=SC2016 # of Markdown
	for module in $(grep -oE '`[a-z_]+`' <<<"$content" | tr -d '\`'); do
		compgen -G "$directory/$module.[ch]" >/dev/null || stale+=("HACKING.md: $directory has no $module")
	done
done <HACKING.md
# These rooms look at the structs of other rooms and call nothing of theirs, but for tables of names.
declare -A structs_only=([plan]='host kernel' [apply]='host oci')
names='hierarchy_names|host_mode_names'

complain() {
	printf '%s\n' "$@"
	failed=1
}
((${#stale[@]} == 0)) || complain "${stale[@]}"
((${#may_use[@]} == 8)) || complain "HACKING.md: ${#may_use[@]} rooms in the table; there are 8"
is_in() { [[ " $2 " == *" $1 "* ]]; }

# Includes carry the room's name.
while IFS=: read -r file used; do
	room=${file#lib/} room=${room%%/*}
	[[ $used == "$room" ]] || is_in "$used" "${may_use[$room]}" || complain "$file includes $used/, which room $room may not use"
done < <(sed -n 's|^#include "\([a-z]*\)/[^"]*".*|\1|; T; F; p' hook/*.[ch] lib/*/*.[ch] | paste -d: - - | sort -u)
if grep -nE '^#include "[^/"]*"' lib/*/*.[ch]; then complain "an include without its room"; fi
for room in lib/*/; do
	[[ -v may_use[$(basename "$room")] ]] || complain "$room is in no table of rooms"
done

# Symbols: who defines what, and who asks for it.
declare -A defined_in=()
object_rooms=()
for room in "${!may_use[@]}"; do
	directory=$build/lib/$room
	[[ $room == hook ]] && directory=$build/hook
	compgen -G "$directory/*.o" >/dev/null || continue
	object_rooms+=("$room $directory")
	while read -r symbol; do defined_in[$symbol]=$room; done < <(nm -g --defined-only "$directory"/*.o | awk 'NF == 3 {print $3}')
done
for pair in "${object_rooms[@]}"; do
	read -r room directory <<<"$pair"
	while read -r symbol; do
		used=${defined_in[$symbol]:-$room}
		[[ $used == "$room" || $symbol =~ ^($names)$ ]] && continue
		if ! is_in "$used" "${may_use[$room]}" || is_in "$used" "${structs_only[$room]:-}"; then
			[[ $room == apply && $used == kernel ]] || complain "room $room calls $symbol of room $used"
		fi
	done < <(nm -u "$directory"/*.o | awk 'NF == 2 {print $2}' | sort -u)
done
[[ ${#object_rooms[@]} -ge 7 ]] || complain "$build: no objects to look at; run make first"

# only PATTERN FILE...: no other source has it
only() {
	local pattern=$1 found
	shift
	found=$(grep -nE -- "$pattern" lib/*/*.[ch] hook/*.[ch] | grep -vE "^($(
		IFS='|'
		echo "$*"
	)):")
	[[ -z $found ]] || complain "$pattern: allowed in $* alone" "$found"
}
only 'yajl_[a-z]+\(' 'lib/base/json\.c'
only '&mnt_[a-z_]+\)|\bmnt_[a-z_]+\(|libmount/' 'lib/kernel/mountinfo\.c'
only 'cgroup_(init|get)' 'lib/host/facts_search\.c'
only 'security_|selinux/' 'lib/host/label\.c'
only '\b(fsopen|fspick|fsconfig|fsmount|open_tree|mount_setattr|move_mount|close_range|statx|listmount|statmount|openat2|pidfd_open)\([^0-9]' none
only '\bsys_(fsopen|fspick|fsconfig|fsmount|open_tree|mount_setattr|move_mount)\(' 'lib/kernel/mount\.c' 'lib/kernel/uapi\.h'
only '\bSYS_(fsopen|fspick|fsconfig|fsmount|open_tree|mount_setattr|move_mount|close_range|statx|listmount|statmount|openat2|pidfd_open)\b' 'lib/kernel/uapi\.h' 'lib/kernel/calls\.c'
only '\b(mount|umount|pivot_root|chroot)\([^0-9]' none
only '\bumount2\(' 'lib/kernel/mount\.c'
only '\bdlopen\(' 'lib/base/library\.c'
only '\bsetns\(' 'lib/kernel/container\.c'
only '\bclone\(' 'lib/kernel/container\.c' 'lib/kernel/child\.c'
only '\bunshare\(' 'lib/kernel/self\.c'
only 'SYS_capset' 'lib/kernel/caps\.c'
only '\bumask\(' 'hook/harden\.c' 'lib/kernel/self\.c'
only '\bsetfs[ug]id\(' 'lib/kernel/self\.c'
only '\bprctl\(' 'hook/harden\.c' 'lib/kernel/self\.c' 'lib/kernel/child\.c'
only '\b(sys_openat2)\(' 'lib/kernel/uapi\.h' 'lib/kernel/croot\.c' 'lib/kernel/container\.c' 'lib/apply/subtree\.c' 'lib/kernel/entries\.c' 'lib/feature/credentials\.c' 'lib/feature/lxcfs\.c'
only '\b(realpath|system|popen|execv[a-z]*|strcpy|strcat|sprintf|gets)\(' none
only '\bfork\(' 'lib/kernel/child\.c'
only 'child_leave_behind\(' 'lib/kernel/child\.[ch]' 'lib/feature/console\.c'
only '\b(exit|_exit|abort|syslog|openlog|dprintf|getenv|clearenv)\(' 'hook/main\.c' 'hook/screen\.c' 'hook/cmd_[a-z]*\.c' 'hook/harden\.c' 'hook/say\.c' 'lib/kernel/child\.c'
only '\b(printf|puts)\(' 'hook/cli\.c' 'hook/screen\.c' 'hook/cmd_[a-z]*\.c'

unmarked=$(awk 'FNR == 1 && !/SPDX-License-Identifier: LGPL-2.1-or-later/ { print FILENAME ": no SPDX line" } { nextfile }' \
	lib/*/*.[ch] hook/*.[ch] tests/*/*.c)
[[ -z $unmarked ]] || complain "$unmarked"
while read -r flags file; do
	grep -q O_CLOEXEC <<<"$flags" || complain "$file: an open without O_CLOEXEC"
done < <(grep -noE '\bopen(at)?\([^;]*O_[^;]*;' lib/*/*.c | awk -F: '{print $3, $1":"$2}' | tr -s ' ' | awk '{l=$NF; $NF=""; gsub(" ",""); print $0, l}')
long=$(awk 'FNR == 1 { if (n > 400) print f ": " n " lines"; f = FILENAME } { n = FNR }
	/^\{/ { s = FNR } /^\}/ { if (s && FNR - s > 60) print FILENAME ":" s ": a function of " FNR - s " lines"; s = 0 }
	END { if (n > 400) print f ": " n " lines" }' lib/*/*.c hook/*.c)
[[ -z $long ]] || complain "$long"
if ((failed == 0)); then echo "rooms: ok"; fi
exit $failed
