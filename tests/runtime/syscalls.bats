#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The system calls of a start and of a skip: no more than tests/bench/syscalls.md has, and none that it does not have. Run by tests/runtime/run.
#
# Counted is from umask(077) on, the first call of hook/harden.c. No loader and no C library changes the umask, so that this mark tells what is the hook's
# on any of them; and what is theirs before it, which a new one does in its own way, is nobody's mistake here.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

setup() {
	table=$top/tests/bench/syscalls.md
	make_container syscalls runc "$(payload_tree 252 no)" 'private_cgroup | .process.terminal = false'
	listen
}

teardown() {
	stop_listening
	drop_container
}

# traced [FILTER]: the hooks run, prestart under strace, which writes to calls.
traced() {
	calls=$room/calls
	change_bundle "${1:-.} | .hooks.prestart[0] |= {path: \$strace, args: ([\"strace\", \"-qq\", \"-o\", \$calls, .path] + .args[1:])}" \
		--arg strace "$(command -v strace)" --arg calls "$calls"
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1 || {
		cat "$room/said"
		return 1
	}
	# Kernels before 6.11 are asked in another way.
	if grep -qE '^(ioctl\(.*ENOTTY|(statmount|syscall_0x1c9)\(.*ENOSYS)' "$calls"; then skip "the table is of Linux 6.11 and later"; fi
}

# counted COLUMN: each call that is made more often than the table's column allows. Prints what is above the table; what is below, as a remark.
counted() {
	awk -v column="$1" '
		# As the table names it. An older strace has no name for calls that are newer.
		function name(call) {
			if (call ~ /^(fstat|newfstatat|fstatat64|fstat64|stat|stat64|lstat|lstat64)$/) return "stat"
			if (call == "syscall_0x1c9") return "statmount"
			if (call == "syscall_0x1ca") return "listmount"
			if (call == "open") return "openat"
			if (call == "setitimer") return "alarm"
			if (call == "ppoll") return "poll"
			if (call == "readlinkat") return "readlink"
			if (call == "exit") return "exit_group"
			return call
		}
		# "16 + pieces": of what the host decides, as many as there were.
		function most(text,    part, n, i, sum) {
			n = split(text, part, / *[+] */)
			for (i = 1; i <= n; i++) sum += part[i] in found ? found[part[i]] : part[i]
			return sum + 0
		}
		# A number as strace has it for a call that it does not know.
		function number(text,    i, value) {
			if (text !~ /^0x/) return text + 0
			for (i = 3; i <= length(text); i++) value = 16 * value + index("0123456789abcdef", substr(text, i, 1)) - 1
			return value + 0
		}
		BEGIN { found["mounts"] = found["pieces"] = 0 }
		FNR == NR {
			if (split($0, cell, / *[|] */) < 5) next
			if (cell[2] == "call") for (i in cell) if (cell[i] == column) place = i
			if (cell[2] ~ /^[a-z]/ && cell[2] != "call") allowed[cell[2]] = cell[place]
			next
		}
		/^umask\(077\)/ { began = 1 }
		!began || !/^[a-z]/ { next }
		# Others mounted or renamed meanwhile: the look-up is made again. A signal: so is the call.
		/^openat2.* = -1 EAGAIN/ || / = \? ERESTART/ { next }
		# A C library makes sure of O_CLOEXEC.
		/^fcntl.*F_SETFD/ { next }
		{
			result = $0
			sub(/.* = /, "", result)
			sub(/ .*/, "", result)
			call = $0
			sub(/\(.*/, "", call)
			call = name(call)
			made[call]++
			if (call == "listmount") found["mounts"] += number(result)
			if (call == "read" && result >= 4096 && $0 ~ ", " result "\\) += " result "$") found["pieces"]++
		}
		END {
			if (!began) { print "strace shows no umask(077)"; exit 1 }
			for (call in made) {
				all += made[call]
				if (allowed[call] == "") above = above sprintf("%s: made %d times, and tests/bench/syscalls.md has none in a %s\n", call, made[call], column)
				else if (made[call] > most(allowed[call]))
					above = above sprintf("%s: made %d times, and tests/bench/syscalls.md has %s in a %s\n", call, made[call], allowed[call], column)
			}
			for (call in allowed)
				if (allowed[call] ~ /^[0-9]+$/ && made[call] + 0 < allowed[call] + 0) printf "# %s: %d times in a %s, and tests/bench/syscalls.md has %s\n", call, made[call], column, allowed[call]
			printf "# %d calls of a %s\n%s", all, column, above
			exit above != ""
		}' "$table" "$calls" >"$room/counted" || {
		cat "$room/counted"
		return 1
	}
	cat "$room/counted" >&3
}

@test "system calls: a start makes no more than the table has" {
	if mountpoint -q /sys/fs/selinux; then skip 'SELinux is asked, too'; fi
	traced
	[[ -s /proc/$(first_process)/root/run/host/container-manager ]]
	counted start
}

@test "system calls: a skip makes no more than the table has" {
	traced 'shell("true")'
	[[ ! -e /proc/$(first_process)/root/run/host ]]
	counted skip
}
