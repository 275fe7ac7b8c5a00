# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# engines.sh CGROUP-NAMESPACE: in a privileged payload that has engines, from exec. Prints lines "ok ..." and "not ok ...".
cd /root/box || exit

check() { # WHAT COMMAND...: which says "box"
	local answer
	answer=$("${@:2}" 2>&1)
	if [[ ${answer##*$'\n'} == box ]]; then echo "ok $1"; else echo "not ok $1: ${answer//$'\n'/ | }"; fi
}

runc spec
sed -i 's/"terminal": true/"terminal": false/; s|"sh"|"/bin/sh", "-c", "echo box"|' config.json
# With the host's cgroup namespace the container's own cgroup is a mount of its own, into which runc resolves no path from the top.
[[ $1 == host ]] || check 'runc, its own cgroups' runc run box </dev/null
sed -i 's|"namespaces"|"cgroupsPath": "system.slice:box:box", "namespaces"|' config.json
check 'runc, cgroups by systemd' runc --systemd-cgroup run box </dev/null

check podman podman run --rm --network=none --rootfs /root/box/rootfs /bin/sh -c 'echo box' </dev/null

dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs >/var/log/dockerd 2>&1 &
for ((tries = 600; tries; tries--)); do docker info >/dev/null 2>&1 && break || sleep 0.2; done
tar -C rootfs -c . | docker import - box >/dev/null
check docker docker run --rm --network=none --memory=64m box /bin/sh -c 'echo box' </dev/null
kill %1
wait
