# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Docker: as a CDI device, or by a runtime of its own where there is no CDI. README, section Docker.
. "${BASH_SOURCE[0]%/*}/cli.bash"

cli=docker
remove_options=()
case $VARIANT in
cdi | clients) as_documented --device ;;
runtime) as_documented --runtime ;;
esac

# daemon_up [OPTION...]: with the configuration that the README gives, and what this machine calls for.
daemon_up() {
	local tries=200 configuration=
	case $VARIANT in
	# From 28 on there is nothing to say.
	cdi) [[ $(docker --version) =~ version\ ([0-9]+) && ${BASH_REMATCH[1]} -ge 28 ]] || configuration=daemon-cdi.json ;;
	runtime) configuration=daemon.json ;;
	# What an administrator types: the device and the runtime.
	clients) oci-systemd-hook-configure --engine docker ;;
	esac
	[[ ! $configuration ]] || install -D -m644 "$top/contrib/docker/$configuration" /etc/docker/daemon.json
	dockerd --iptables=false --ip6tables=false --bridge=none --cgroup-parent "$CGROUP_PARENT" \
		--default-ulimit nofile=4096:4096 --default-ulimit nproc=4096:4096 "$@" \
		>>/var/log/dockerd 2>&1 3>&- &
	echo $! >/var/lib/engine/pid
	until docker info >/dev/null 2>&1; do
		if ((tries-- == 0)) || ! kill -0 "$(</var/lib/engine/pid)"; then
			cat /var/log/dockerd
			return 1
		fi
		sleep 0.1
	done
}

daemon_down() {
	local pid
	pid=$(</var/lib/engine/pid)
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

engine_up() {
	daemon_up
	import 252
	import 262
}

engine_down() {
	remove_all
	daemon_down
}

# Docker has one for all containers of a daemon.
with_user_namespace() {
	local status=0
	daemon_down
	id dockremap >/dev/null 2>&1 || useradd --system dockremap
	grep -q ^dockremap: /etc/subuid || echo dockremap:300000:65536 | tee -a /etc/subuid >>/etc/subgid
	daemon_up --userns-remap=dockremap
	import 252
	"$@" || status=$?
	remove_all
	daemon_down
	daemon_up
	return $status
}

# refused_start NAME: a start that the hook refuses. An annotation can be given from Docker 24 on.
refused_start() {
	if [[ $VARIANT == cdi ]]; then
		start "$1" 252 --annotation org.oci-systemd-hook.cgroup=v3
	else
		jq '.runtimes.broken = (.runtimes.systemd + {runtimeArgs: ["--hook-option=--cgroup=v3"]})' /etc/docker/daemon.json >/etc/docker/new
		mv /etc/docker/new /etc/docker/daemon.json
		kill -HUP "$(</var/lib/engine/pid)"
		sleep 0.5
		start_command+=(--runtime broken)
		start "$1" 252
	fi
}

engine_options=()
engine_places=(/etc/resolv.conf /etc/hosts /etc/hostname)
make_secret() { :; }
