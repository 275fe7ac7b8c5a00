# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What is typed, what it says, and what has to be in it.

number=0 status=0 since=$EPOCHSECONDS said=/var/lib/engine/said

heading() { printf '\n======== %s\n' "$*"; }

result() { # WHAT STATUS
	number=$((number + 1))
	if (($2)); then echo "not ok $number $ENGINE: $1"; else echo "ok $number $ENGINE: $1"; fi
}

# What administrators of a real machine have, and this one has not.
sudo() { "$@"; }

# enter LINE...: run it as a person does, on a terminal of 80 columns; its output is in $said and printed.
enter() {
	printf '\n# %s\n' "$*"
	status=0
	{ eval "$*"; } </dev/null >"$said.raw" 2>&1 || status=$?
	# Without colours, and without what a program writes over.
	sed -e 's/\x1b\[[0-9;?]*[a-zA-Z]//g' -e 's/.*\r\([^\r]\)/\1/' -e 's/\r//g' "$said.raw" >"$said"
	cat "$said"
	((status == 0)) || echo "[exit status $status]"
}

# The hook's commands for people are looked at on a terminal.
oci-systemd-hook() {
	command -v /usr/bin/oci-systemd-hook >/dev/null || { command oci-systemd-hook "$@"; return; }
	TERM=xterm script -qec "stty cols 80 2>/dev/null; /usr/bin/oci-systemd-hook $(printf '%q ' "$@")" /dev/null
}

# says SENTENCE: the last output has it, wherever its lines were broken.
says() {
	local text
	text=$(tr -s ' \n' ' ' <"$said")
	[[ $text == *"$1"* ]]
	result "$breakage: $1" $?
}

# The command that explain gives, typed as it stands there.
enter_what_explain_says() {
	local line
	enter oci-systemd-hook explain "$1"
	line=$(tr -s ' \n' ' ' <"$said" | grep -oE 'journalctl -t oci-systemd-hook CONTAINER_ID=[^ ]+' | tail -n 1)
	result "$breakage: explain knows $1" $((status != 0 && ${2:-0} == 0))
	[[ ! $line ]] || enter "$line --no-pager --output=cat"
}

# A journal of this machine's own, by the program of the tree that lies below this one.
start_journal() {
	# Of that tree's packages, of which dpkg here knows nothing.
	[[ ! -e /var/lib/dpkg/statoverride ]] || sed -i /messagebus/d /var/lib/dpkg/statoverride
	mkdir -p /run/systemd/journal /run/log/journal
	tr -dc 0-9a-f </dev/urandom | head -c 32 >/etc/machine-id
	echo >>/etc/machine-id
	/usr/lib/systemd/systemd-journald >/var/log/journald 2>&1 &
	within 10 test -S /run/systemd/journal/socket
}

# from_readme START [PART]: its command, less what stands behind it to explain it.
from_readme() { documented "$@" | sed 's/   .*//'; }

# boots NAME SENTENCE: it is up, as the README says.
comes_up() {
	local status=0
	runs "$1" >"$said.runs" 2>&1 || status=$?
	((status == 0)) || cat "$said.runs"
	result "$breakage: $1 is running" $status
	[[ $(inside "$1" cat /run/host/container-manager 2>&1) == oci* ]]
	result "$breakage: the hook has prepared $1" $?
}

# eat_inotify: hold every instance that is left, also those that are given back meanwhile.
eat_inotify() {
	python3 -c 'import ctypes, time
libc = ctypes.CDLL(None)
while True:
    while libc.inotify_init() >= 0: pass
    time.sleep(0.02)' &
	eater=$!
	sleep 1
}
