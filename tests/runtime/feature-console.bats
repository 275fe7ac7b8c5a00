#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# console=: the console reaches the engine's log. Run by tests/runtime/run.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # each test is a process of its own; the names are those of container.bash
load in-a-view
load feature

teardown() { drop_container; }

log='annotation("console"; "log") | allow("console")'

# The complete log of a boot: what PID 1 says, what units say, the journal, what is written to the console; and then the end.
logs_all() {
	local n
	feature_container "$1" "$2" "$log"
	unit says.service '[Service]' 'Type=oneshot' \
		'ExecStart=sh -c "echo SERVICE-SAYS-HELLO; for i in $(seq 500); do echo journal-line-$$i; done; echo to-the-console >/dev/console"'
	boot_to "$room/log"
	copiers >/dev/null
	inside systemctl exit 7 || true
	ends_with 7
	cat -v "$room/log" | head -n 5
	for line in 'systemd .* running in system mode' 'Reached target .*Multi-User System' SERVICE-SAYS-HELLO '^to-the-console$' \
		'Exiting container|Reached target Exit the container'; do
		grep -aqE "$line" "$room/log" || echo "missing: $line"
	done
	n=$(grep -aoE 'journal-line-[0-9]+$' "$room/log" | sort -u | wc -l)
	echo "$n journal lines"
	[[ $n == 500 ]]
	not grep -aqE $'\r$|login:|\e\\[18t|\e\\[6n' "$room/log"
	no_copier
	is_as_before "$before"
}

@test "console=log: 247" { logs_all 247 no; }
@test "console=log: 252 in a user namespace" { logs_all 252 yes; }
@test "console=log: 257" { logs_all 257 no; }
@test "console=log: 262" { logs_all 262 no; }

@test "console=log: not allowed" {
	feature_container 252 no 'annotation("console"; "log")'
	is_refused 'org.oci-systemd-hook.console=log reaches the host.*--allow=console'
	no_copier
}

@test "console=log: the process that copies holds nothing of the host and nothing of the container" {
	local pid
	feature_container 252 no "$log | annotation(\"mode\"; \"always\") | command([\"sleep\", \"60\"])"
	run_to "$room/log"
	wait_for 10 copiers
	wait_for 10 test -e "/proc/$(first_process)/root/dev/console"
	pid=$(copiers)
	sleep 0.5
	find "/proc/$pid/fd" -mindepth 1 -printf '%l\n'
	[[ $(find "/proc/$pid/fd" -mindepth 1 | wc -l) == 4 ]]
	for namespace in mnt pid net ipc uts cgroup user; do
		[[ $(readlink "/proc/$pid/ns/$namespace") == "$(readlink "/proc/self/ns/$namespace")" ]]
	done
	grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Seccomp|Groups):' "/proc/$pid/status" | paste -sd' ' | tr -d '\t'
	[[ $(grep -cE '^Cap(Inh|Prm|Eff|Amb):.0{16}$|^NoNewPrivs:.1$|^Seccomp:.2$|^Groups:\s*$' "/proc/$pid/status") == 7 ]]
	[[ $(ps -o sid= -p "$pid") -eq $pid ]]
	[[ $(awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup") -lt 1000 ]]
	runtime kill "$id" KILL
	ends_with 137
	no_copier
	is_as_before "$before"
}

# A shell on the console that asks as systemd does, and has the answers.
@test "console=log: a terminal's questions are answered, and are not in the log" {
	feature_container 262 no "$log | annotation(\"mode\"; \"always\")"
	change_bundle 'shell($line)' --arg line \
		'exec <>/dev/console >&0 2>&0; stty raw -echo; printf "\033[18t\033[32766;32766H\033[6n"; answer=$(head -c 20 | od -An -c | tr -d " \n"); stty sane; echo "got $answer"; stty size'
	run_to "$room/log"
	ends_with 0 20
	cat -v "$room/log"
	grep -qaF 'got 033[8;24;160t033[24;160R' "$room/log"
	grep -qa '^24 160$' "$room/log"
	not grep -qaE $'\e\\[18t|\e\\[6n' "$room/log"
}

@test "console=log: the process that copies is killed, and the container goes on" {
	feature_container 257 no "$log"
	boot_to "$room/log"
	kill -KILL "$(copiers)"
	inside sh -c 'logger one-more; systemctl start systemd-tmpfiles-clean.service; systemctl is-system-running'
	# systemd tries each line on a dead terminal for a second: an orderly end takes a minute
	runtime kill "$id" KILL
	ends_with 137
	is_as_before "$before"
}

@test "console=log: the hook is killed in the middle" {
	local call
	for call in 'setns 1' 'openat2 12' 'move_mount 3' 'sendmsg 1'; do
		feature_container 252 no "$log"
		change_bundle '.hooks.prestart[0] |= {path: $strace,
			args: (["strace", "-o", "/dev/null", "-e", "trace=\($call)", "-e", "inject=\($call):signal=KILL:when=\($n)", .path] + .args[1:])}' \
			--arg strace "$(command -v strace)" --arg call "${call% *}" --arg n "${call#* }"
		if runtime create --bundle "$bundle" "$id" </dev/null >"$room/said" 2>&1; then
			echo "not killed at $call"
			return 1
		fi
		no_copier
		# crun has no poststop for a container that was never made: then what is on record waits for the next of that id
		[[ $runtime == runc ]] || printf '{"ociVersion": "1.0.2", "id": "%s", "bundle": "%s", "status": "stopped"}' "$id" "$bundle" |
			"$hook" poststop
		is_as_before "$before"
		drop_container
	done
	feature_container 252 no "$log"
}

@test "console=log: nobody reads, and the container boots and ends all the same" {
	local reader
	feature_container 257 no "$log"
	mkfifo "$room/pipe"
	sleep 1000 <"$room/pipe" 3>&- &
	reader=$! run_pid=$!
	unit floods.service '[Service]' 'Type=oneshot' 'ExecStart=sh -c "yes flood | head -c 1000000 >/dev/console"'
	unit booted.service '[Unit]' 'After=multi-user.target' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' 'ExecStart=touch /run/booted'
	# as an engine does it: the pipe is the container's own, and no runtime copies between them
	runtime create --bundle "$bundle" "$id" </dev/null >"$room/pipe" 2>"$room/err" 3>&-
	runtime start "$id"
	wait_for 120 is_booted
	inside systemctl exit 7 || true
	has_stopped() { [[ $(runtime state "$id" | jq -r .status) == stopped ]]; }
	wait_for 120 has_stopped
	no_copier
	kill "$reader"
	runtime delete "$id"
	is_as_before "$before"
}

@test "console=log: what a payload prints is bytes, and asking without end does no harm" {
	feature_container 252 no "$log | annotation(\"mode\"; \"always\") | shell(\"yes \$(printf '\\\\033[18t\\\\033[6n') | head -c 300000 >/dev/console; head -c 200000 /dev/urandom >/dev/console; echo; echo the-end >/dev/console; exit 3\")"
	run_to "$room/log"
	ends_with 3
	grep -qa the-end "$room/log"
	no_copier
	is_as_before "$before"
}

@test "console=log: the host's devpts, or a /dev that others see, is refused" {
	feature_container 252 no "$log"
	mkdir "$outside/dev"
	mount -t tmpfs tmpfs "$outside/dev"
	mkdir "$outside/dev/pts"
	before=$(host_state)
	touch "$outside/ptmx"
	is_refused 'console: cannot look up the container.s /dev/pts/ptmx .openat2.: No such file' 'tmpfs("/dev/pts"; [])'
	is_refused 'console: the container.s /dev/pts is not a devpts' \
		".mounts[-1] = {destination: \"/dev/pts\", source: \"$outside\", type: \"bind\", options: [\"rbind\"]}"
	change_bundle 'del(.mounts[-1])'
	is_refused 'console: the container.s /dev is mounted on the host, too' \
		".mounts |= map(if .destination == \"/dev\" then {destination: \"/dev\", source: \"$outside/dev\", type: \"bind\", options: [\"rbind\"]} else . end)"
	[[ ! -e $outside/dev/console ]]
}

@test "console=journal: on a terminal the journal is on the console, and no process is left behind" {
	feature_container 257 no '.process.terminal = true | annotation("console"; "journal")'
	unit says.service '[Service]' 'Type=oneshot' 'ExecStart=echo SERVICE-SAYS-HELLO'
	boot 60
	not copiers
	grep -aq SERVICE-SAYS-HELLO "$console"
	inside systemctl poweroff || true
	ended 30
	is_as_before "$before"
}

@test "console=log: with a terminal it is the engine's, and no process is left behind" {
	feature_container 252 no ".process.terminal = true | $log"
	boot 60
	not copiers
	"$hook" plan --bundle "$bundle" --allow=console | grep -q 'console=log: the container has a terminal'
	inside systemctl poweroff || true
	ended 30
}

@test "console=journal: without a terminal it has no effect, and plan says so" {
	feature_container 252 no 'annotation("console"; "journal")'
	"$hook" plan --bundle "$bundle" | grep -q 'console=journal has no effect without a terminal'
}
