# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# containerd by ctr: what other engines have as options is in config.json.

without_hook='Failed to mount tmpfs at /sys/fs/cgroup: Operation not permitted'

install_packages() {
	enter "$(from_readme 'sudo apt-get install' 'hook_*.deb')"
	result 'the package is installed' "$status"
}
remove_packages() {
	enter dpkg -P oci-systemd-hook
	result 'the package is removed' "$status"
}

# begin [FILTER]: config.json as the README makes it, with what jq's FILTER changes.
begin() {
	local words
	make_bundle box 252 ".process.args = [\"/sbin/init\"] | .process.terminal = true | ${1:-.}" </var/lib/engine/config.json
	[[ ! ${1:-} ]] || printf '\n(config.json: %s)\n' "$1"
	words=$(documented 'ctr run' | sed 's|config.json|/var/lib/containerd/box/&|; s| NAME$| box|')
	enter "run_in_background box $words"
	sleep 2
}
look() { enter "tail -n 4 /var/lib/containerd/box/console"; }
end() { remove_all >/dev/null 2>&1; }

mounts() { echo ".mounts += [{destination: \"$2\", source: \"/root/hour/$1\", type: \"bind\", options: [\"rbind\", \"${3:-rw}\"]}]"; }
with_script() { begin "$(mounts entry /entry) | .process.args = [\"/entry\"] | ${1:-.}"; }
with_always() { with_script '.annotations["org.oci-systemd-hook.mode"] = "always"'; }
with_init() {
	cp /usr/bin/tini-static tini
	begin "$(mounts tini /tini) | .process.args = [\"/tini\", \"--\", \"/sbin/init\"]"
}
with_user() { begin '.process.user.uid = 1000'; }
with_read_only_run() { begin "$(mounts volume /run ro)"; }
with_writable_run() { begin "$(mounts volume /run)"; }

boots_as_documented() {
	breakage='as documented'
	begin
	comes_up box
	enter inside box systemctl is-system-running
	says running
	stop box
	enter_what_explain_says box 1
	enter journalctl -t oci-systemd-hook --no-pager --output=cat
	says 'acted: systemd 252, cgroup layout'
	end
}

break_stop_signal() {
	breakage='wrong stop signal'
	heading "$ENGINE: $breakage"
	begin
	comes_up box
	enter ctr task kill box
	sleep 3
	enter ctr task ls
	says RUNNING
	enter_what_explain_says box
	enter oci-systemd-hook explain box
	says 'ctr task kill --signal SIGRTMIN+3 box'
	enter ctr task kill --signal SIGRTMIN+3 box
	within 20 test -e /var/lib/containerd/box/status
	result "$breakage: it has stopped" $?
	end
}

break_annotation() {
	breakage='annotation typo'
	heading "$ENGINE: $breakage"
	begin '.annotations["org.oci-systemd-hook.mod"] = "auto"'
	says 'annotation: unknown key org.oci-systemd-hook.mod; known keys: mode, cgroup'
	journal_says 'annotation: unknown key org.oci-systemd-hook.mod; known keys: mode, cgroup'
	end
}

break_removed() {
	breakage='package removed'
	heading "$ENGINE: $breakage"
	enter dpkg -P oci-systemd-hook
	begin
	says '/usr/libexec/oci/hooks.d/oci-systemd-hook: no such file or directory'
	enter oci-systemd-hook check
	says 'oci-systemd-hook: command not found'
	in_readme '`oci-systemd-hook: command not found`'
	in_readme '`…/oci-systemd-hook: no such file or directory`'
	end
	enter "$(from_readme 'sudo apt-get install' 'hook_*.deb')"
	begin
	comes_up box
	end
}
