# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
. "$here/cli.bash"
case $VARIANT in
device) package=cdi part=--device ;;
*) package=docker part=--runtime ;;
esac

# The one unit of this machine.
systemctl() {
	[[ $* == 'restart docker' ]] || return
	[[ ! -e /var/lib/engine/pid ]] || daemon_down
	daemon_up
}

# Under a runtime that may be everybody's default the hook says of no container that it was skipped, unless it is told so.
asks() {
	[[ $VARIANT != device ]] || return 0
	in_readme '`"runtimeArgs": ["--hook-option=--mode=auto"]`'
	jq '.runtimes.systemd.runtimeArgs = ["--hook-option=--mode=auto"]' /etc/docker/daemon.json >/etc/docker/new
	mv /etc/docker/new /etc/docker/daemon.json
	enter systemctl restart docker
}

install_packages() {
	enter "$(from_readme 'sudo apt-get install' 'hook_*.deb')"
	enter "$(from_readme 'sudo apt-get install' "hook-${package}_*.deb")"
	result 'the packages are installed' "$status"
	enter "$(from_readme 'sudo oci-systemd-hook-configure')"
	result 'Docker is configured' "$status"
}
# The daemon has come up by the README's own command.
engine_up() { import 252; }

remove_packages() {
	enter oci-systemd-hook-configure --engine docker --undo
	# Where somebody has edited it since, the rest of it stays.
	! grep -s oci-systemd /etc/docker/daemon.json
	result 'daemon.json says nothing of the hook' $?
	enter dpkg -P "oci-systemd-hook-$package" oci-systemd-hook
	result 'the packages are removed' "$status"
}

readme=('docker run --detach --tty' "$part")

with_always() {
	if [[ $VARIANT == device ]]; then
		line=${line/=auto/=always} with_script
	else
		# Docker 20.10 can say no annotation.
		begin -v /root/hour/entry:/entry -- /entry /sbin/init
	fi
}

break_stop_signal() {
	breakage='wrong stop signal'
	heading "$ENGINE: $breakage"
	line=${line/ --stop-signal SIGRTMIN+3/} begin
	comes_up box
	enter_what_explain_says box
	enter oci-systemd-hook explain box
	says 'set --stop-signal=SIGRTMIN+3'
	slow_stop
	begin
	comes_up box
	quick_stop
}

break_annotation() {
	if [[ $VARIANT == device ]]; then
		breakage='annotation typo'
		heading "$ENGINE: $breakage"
		begin --annotation org.oci-systemd-hook.mod=auto
		says 'annotation: unknown key org.oci-systemd-hook.mod; known keys: mode, cgroup'
		enter_what_explain_says box
		says 'annotation: unknown key org.oci-systemd-hook.mod; known keys: mode, cgroup'
		end
		breakage='device typo'
		heading "$ENGINE: $breakage"
		line=${line/=auto/=aut} begin
		says 'unresolvable CDI devices oci-systemd-hook.org/systemd=aut'
		in_readme '`unresolvable CDI devices oci-systemd-hook.org/systemd='
	else
		breakage='runtime typo'
		heading "$ENGINE: $breakage"
		line=${line/--runtime systemd/--runtime sytemd} begin
		says 'Unknown runtime specified sytemd'
		in_readme '`Unknown runtime specified'
	fi
	end
}

break_removed() {
	breakage='package removed'
	heading "$ENGINE: $breakage"
	enter dpkg -P oci-systemd-hook
	says 'dependency problems prevent removal of oci-systemd-hook'
	enter dpkg -P "oci-systemd-hook-$package"
	begin
	if [[ $VARIANT == device ]]; then
		says 'unresolvable CDI devices oci-systemd-hook.org/systemd=auto'
		enter oci-systemd-hook check
		says "neither a CDI device nor a runtime of Docker's calls the hook: install oci-systemd-hook-cdi"
		says 'oci-systemd-hook-configure --engine docker'
	else
		says '/usr/libexec/oci/oci-systemd-runtime'
		enter oci-systemd-hook check
		says 'daemon.json names /usr/libexec/oci/oci-systemd-runtime, which cannot be executed'
		says 'install oci-systemd-hook-docker, or take it out oci-systemd-hook-configure --engine docker --undo'
	fi
	end
	enter "$(from_readme 'sudo apt-get install' "hook-${package}_*.deb")"
	begin
	comes_up box
	end
}
