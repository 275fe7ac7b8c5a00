#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rooms of the code (HACKING.md): who alone may use what, and that lib/ never looks at hook/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
failed=0

# only PATTERN FILE...: no other source has it
only() {
	local pattern=$1 found
	shift
	found=$(grep -nE -- "$pattern" lib/*.[ch] hook/*.[ch] | grep -vE "^($(
		IFS='|'
		echo "$*"
	)):")
	if [[ $found ]]; then
		printf '%s: allowed in %s alone\n%s\n' "$pattern" "$*" "$found"
		failed=1
	fi
}
only 'yajl_[a-z]+\(' 'lib/json\.c'
only '\bmnt_[a-z_]+\)|libmount/' 'lib/mountinfo\.c'
only 'cgroup_(init|get)' 'lib/facts_search\.c'
only 'security_|selinux/' 'lib/label\.c'
only '\b(fsopen|fsconfig|fsmount|open_tree|mount_setattr|move_mount) ?\(' 'lib/detached\.[ch]'
only '\b(mount|umount|umount2|pivot_root|chroot)\([^0-9]' none
only '\bdlopen\(' 'lib/library\.c'
only '\bsetns\(' 'lib/enter\.c'
only '\bclone\(' 'lib/enter\.c'
only 'SYS_capset' 'lib/confine\.c'
only '\b(kernel_openat2)\(' 'lib/kernel\.h' 'lib/croot\.c' 'lib/enter\.c' 'lib/subtree\.c' 'lib/entries\.c'
only '\b(realpath|system|popen|execv[a-z]*|fork|strcpy|strcat|sprintf|gets)\(' none
only '\b(exit|_exit|abort|syslog|openlog|dprintf|getenv|clearenv)\(' 'hook/main\.c'
only '\b(printf|puts)\(' 'hook/main\.c' 'hook/plan_cmd\.c'
if grep -n '"hook' lib/*.[ch]; then
	echo "lib/ includes hook/"
	failed=1
fi
for file in lib/*.[ch] hook/*.[ch] tests/*/*.c; do
	if ! head -1 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later'; then
		echo "$file: no SPDX line"
		failed=1
	fi
done
while read -r flags file; do
	grep -q O_CLOEXEC <<<"$flags" || { echo "$file: an open without O_CLOEXEC" && failed=1; }
done < <(grep -noE '\bopen(at)?\([^;]*O_[^;]*;' lib/*.c | awk -F: '{print $3, $1":"$2}' | tr -s ' ' | awk '{l=$NF; $NF=""; gsub(" ",""); print $0, l}')
awk 'FNR == 1 { if (n > 400) print f ": " n " lines"; f = FILENAME } { n = FNR }
	/^\{/ { s = FNR } /^\}/ { if (s && FNR - s > 60) print FILENAME ":" s ": a function of " FNR - s " lines"; s = 0 }
	END { if (n > 400) print f ": " n " lines" }' lib/*.c hook/*.c | grep . && failed=1
if ((failed == 0)); then echo "rooms: ok"; fi
exit $failed
