# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What Podman's and Docker's command lines have in common. $line is the README's command, found by the words in ${readme[@]}, $suits an
# option that belongs to it.

# begin [OPTION...] [-- COMMAND...]: the README's command with these options, as container box.
begin() {
	local options=() command=''
	while (($#)); do
		[[ $1 != -- ]] || { command="${*:2}"; break; }
		options+=("$1")
		shift
	done
	enter "$line ${options[*]:+${options[*]} }--name box ${image:-systemd:252}${command:+ $command}"
	sleep 2
}

boots_as_documented() {
	breakage='as documented'
	line=$(documented "${readme[@]}")
	line=${line% IMAGE}
	begin
	comes_up box
	enter "$cli" exec box systemctl is-system-running
	says running
	enter "$cli" stop box
	enter_what_explain_says box
	says 'acted: systemd 252, cgroup layout'
	end
}

look() { enter "$cli logs box 2>&1 | tail -n 4"; }
end() {
	"$cli" rm --force "${remove_options[@]}" box >/dev/null 2>&1
	true
}

with_script() { begin -v /root/hour/entry:/entry "$@" -- /entry; }
with_init() { begin --init "$@"; }
with_user() { begin --user 1000 "$@"; }
with_read_only_run() { begin -v /root/hour/volume:/run:ro "$@"; }
with_writable_run() { begin -v /root/hour/volume:/run "$@"; }
always() { echo "$suits"; }
