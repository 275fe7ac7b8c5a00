# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Podman: hooks.d. README, section Podman. The variant is the runtime.
. "${BASH_SOURCE[0]%/*}/cli.bash"

cli=podman
# Else it waits for programs that do not listen to SIGTERM.
remove_options=(--time 0)
# It has one more to say on every call.
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
as_documented --annotation
# Its own mode for systemd has a tmpfs on /run and /tmp itself.
without_own_mode=(--systemd=false)

engine_up() {
	cat >/etc/containers/containers.conf <<-END
		[containers]
		netns = "none"
		# Not every machine may raise limits.
		default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
		log_driver = "k8s-file"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		runtime = "$VARIANT"
	END
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
	# Newer ones look for the user, too.
	id containers >/dev/null 2>&1 || useradd --system containers
	echo containers:200000:10000000 | tee -a /etc/subuid >>/etc/subgid
	import 252
	import 262
}

engine_down() { remove_all; }

# with_user_namespace COMMAND...: with a start that makes one.
with_user_namespace() {
	start_command+=(--userns=auto)
	"$@"
}

# refused_start NAME: a start that the hook refuses.
refused_start() { start "$1" 252 --annotation org.oci-systemd-hook.cgroup=v3; }

# refused_user: a start by a user without a session of systemd, whose cgroup is not theirs. The image has nothing but a shell; their
# layers cannot lie on an overlay.
refused_user() {
	local as
	id user >/dev/null 2>&1 || useradd --create-home user
	as=(setpriv --reuid=user --regid=user --init-groups env -i HOME=/home/user PATH="$PATH" PODMAN_IGNORE_CGROUPSV1_WARNING=1
		podman --storage-driver=vfs)
	cd /home/user || return
	mkdir -p /var/lib/engine/small/bin
	ln -f /var/lib/engine/busybox /var/lib/engine/small/bin/sh
	tar -C /var/lib/engine/small -c . | "${as[@]}" import - small >/dev/null
	"${as[@]}" run --name refused --annotation org.oci-systemd-hook.mode=always small /bin/sh -c :
	local status=$?
	"${as[@]}" rm --force refused >/dev/null
	"${as[@]}" rmi --force small >/dev/null
	return $status
}

# What the engine mounts for itself, as places in the container.
engine_options=(--secret secret)
engine_places=(/run/.containerenv /run/secrets/secret /etc/resolv.conf /etc/hosts /etc/hostname)
make_secret() { echo secret | podman secret create secret - >/dev/null; }
