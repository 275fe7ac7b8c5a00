# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# What Podman's and Docker's command lines have in common. A driver sets cli, its name, and
# start_command, the README's line for it but for the image.

# as_documented [PART]: start_command from the README.
as_documented() {
	local line
	line=$(documented "$cli run" "${1:-}")
	[[ $line == *' IMAGE' ]] || return 1
	read -ra start_command <<<"${line% IMAGE}"
}

# start NAME PAYLOAD [OPTION...]: in the background, with the flag.
start() { "${start_command[@]}" --name "$1" "${@:3}" "systemd:$2"; }

# start_unflagged NAME PAYLOAD COMMAND...: the same without, and another command.
start_unflagged() { "$cli" run --detach --name "$1" "systemd:$2" "${@:3}"; }

inside() { "$cli" exec "$@"; }
console() { "$cli" logs "$1" 2>&1; }
stop() { "$cli" stop --time 20 "$1"; }
start_again() { "$cli" start "$1"; }
exit_status() { "$cli" inspect --format '{{.State.ExitCode}}' "$1"; }
full_id() { "$cli" inspect --format '{{.Id}}' "$1"; }
changes() { "$cli" diff "$1"; }
# pids_limit NAME: the limit that its processes have.
pids_limit() { find /sys/fs/cgroup/pids -path "*$(full_id "$1")/pids.max" -exec cat {} +; }
remove_all() {
	local containers
	mapfile -t containers < <("$cli" ps --all --quiet)
	((${#containers[@]} == 0)) || "$cli" rm --force --volumes "${remove_options[@]}" "${containers[@]}" >/dev/null
}

# import PAYLOAD: an image with that tree. No machine-id is in it, as images should be made.
import() {
	payload_tar "$1" | "$cli" import --change 'CMD ["/sbin/init"]' - "systemd:$1" >/dev/null
}
