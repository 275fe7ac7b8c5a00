# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
. "$here/cli.bash"

install_packages() {
	enter "$(from_readme 'sudo apt-get install' 'hook_*.deb')"
	result 'the package is installed' "$status"
	# For --init, which Podman's own package only suggests.
	install -D -m755 /usr/bin/tini-static /usr/libexec/podman/catatonit
}
remove_packages() {
	enter dpkg -P oci-systemd-hook
	result 'the package is removed' "$status"
}

readme=('podman run')

with_always() { line=${line/mode=auto/mode=always} with_script --stop-signal SIGRTMIN+3; }

break_stop_signal() {
	breakage='wrong stop signal'
	heading "$ENGINE: $breakage"
	begin --stop-signal SIGTERM
	comes_up box
	enter_what_explain_says box
	says 'set --stop-signal=SIGRTMIN+3'
	slow_stop
	begin --stop-signal SIGRTMIN+3
	comes_up box
	quick_stop
}

break_annotation() {
	breakage='annotation typo: the key'
	heading "$ENGINE: $breakage"
	line=${line/hook.mode/hook.mod} begin
	enter_what_explain_says box
	says 'annotation: unknown key org.oci-systemd-hook.mod; known keys: mode, cgroup'
	end
	breakage='annotation typo: the prefix'
	heading "$ENGINE: $breakage"
	line=${line/hook.mode/hok.mode} begin
	enter_what_explain_says box 1
	# Nothing has called the hook, so the journal has nothing.
	[[ ! -s $said ]]
	result "$breakage: the journal has nothing" $?
	enter oci-systemd-hook explain box
	says 'org.oci-systemd-hok.mode is no annotation of the hook'
	says '--annotation org.oci-systemd-hook.mode=auto'
	end
}

break_removed() {
	breakage='package removed'
	heading "$ENGINE: $breakage"
	enter dpkg -P oci-systemd-hook
	# Podman's own mode still boots what it can; it cannot boot this one.
	image=systemd:262 begin
	look
	says 'Detected unsupported legacy cgroup hierarchy, refusing execution'
	enter oci-systemd-hook check
	says 'oci-systemd-hook: command not found'
	in_readme '`oci-systemd-hook: command not found`'
	end
	enter "$(from_readme 'sudo apt-get install' 'hook_*.deb')"
	image=systemd:262 begin
	comes_up box
	end
}
