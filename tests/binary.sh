#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# binary.sh FILE: what the linker and the compiler were asked for is in the program.
set -uo pipefail
file=$1 failed=0
headers=$(LC_ALL=C readelf -hldW "$file")
symbols=$(LC_ALL=C readelf --dyn-syms -W "$file")
needed=$(sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' <<<"$headers" | sort | tr '\n' ' ')

# has COMPLAINT TEXT PATTERN
has() { grep -qE -- "$3" <<<"$2" || complain "$1"; }
has_not() { ! grep -qE -- "$3" <<<"$2" || complain "$1"; }
complain() {
	echo "$file: $1"
	failed=1
}
has "not position independent" "$headers" 'Type: *DYN'
has "no RELRO" "$headers" GNU_RELRO
has "not bound at start" "$headers" 'BIND_NOW|FLAGS.*NOW'
has "an executable stack" "$headers" 'GNU_STACK.*RW '
has_not "a segment both writable and executable" "$headers" 'LOAD.*RWE'
has "not fortified" "$symbols" '__v?snprintf_chk'
has "no stack protector" "$symbols" __stack_chk_fail
has_not "a search path for libraries" "$headers" 'RPATH|RUNPATH'
has "needs more than it should: $needed" "$needed" '^(ld-linux[a-z0-9_-]*\.so\.[0-9] )?libc\.so\.6 (libyajl\.so\.2 )?$'
# Packagers' tools read there which libraries it may load; they are those of the sources.
noted=$(readelf -x .note.dlopen "$file" >/dev/null 2>&1 && LC_ALL=C readelf -p .note.dlopen "$file" | grep -oE 'lib[a-z]+\.so\.[0-9]+' | sort -u | tr '\n' ' ')
loaded=$(grep -rhoE '[^\]"lib[a-z]+\.so\.[0-9]+"' "${BASH_SOURCE[0]%/*}"/../lib --include=*.c | grep -oE 'lib[^"]+' | sort -u | tr '\n' ' ')
[[ $noted == "$loaded" ]] || complain "its note says that it may load $noted, and it loads $loaded"
if ((failed == 0)); then echo "binary: ok (needs ${needed% })"; fi
exit $failed
