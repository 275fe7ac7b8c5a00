#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Clients of Docker, by the examples of contrib/. Run by tests/engine/lane.

# shellcheck disable=SC1090,SC1091,SC2030,SC2031,SC2034,SC2154 # each test is a process of its own; the names are those of the driver
bats_require_minimum_version 1.5.0

load ../engine/words

setup() {
	BATS_TEST_DIRNAME=$BATS_TEST_DIRNAME/../engine load_driver
	. "$top/tests/clients/cells.bash"
	name=box bad=0 copy_to=
	machine
}

# compose FILE: up, and its row.
compose() {
	local file=$1 container=clients-machine-1
	in_project() { docker compose --project-name clients --file "$examples/compose/$file" "$@"; }
	try up in_project up --detach machine
	all_cells "$container" "in_project restart" in_project stop --timeout 20
}

@test "docker run" {
	client=docker-run
	try up start box 252
	all_cells box "docker restart --time 20 box" docker stop --time 20 box
}

@test "docker run, 262" {
	client=docker-run-262
	try up start box 262
	all_cells box "docker restart --time 20 box" docker stop --time 20 box
}

@test "docker run --runtime" {
	client=docker-run-runtime
	try up docker run --detach --tty --runtime systemd --stop-signal SIGRTMIN+3 --name box machine
	all_cells box "docker restart --time 20 box" docker stop --time 20 box
}

@test "compose, the device" {
	client=compose-device
	compose device.yaml
}

@test "compose, the runtime" {
	client=compose-runtime
	compose runtime.yaml
}

@test "compose, settings" {
	client=compose-settings copy_to=/tmp
	compose settings.yaml
}

@test "compose, an image with a volume" {
	client=compose-volume
	payload_tar 252 | docker import --change 'CMD ["/sbin/init"]' --change 'VOLUME ["/sys/fs/cgroup"]' - machine-with-volume >/dev/null
	compose volume-image.yaml
}

@test "HTTP" {
	client=http
	try up eval '"$examples/api/http.sh" >/var/lib/engine/said'
	cat /var/lib/engine/said
	try state grep -qx running /var/lib/engine/said
	try exit grep -qx 0 /var/lib/engine/said
	((bad == 0))
}

@test "python3-docker" {
	client=python3-docker
	try up eval 'timeout 120 python3 "$examples/api/docker_py.py" >/var/lib/engine/said'
	cat /var/lib/engine/said
	try state grep -qx running /var/lib/engine/said
	try exit grep -qx 0 /var/lib/engine/said
	((bad == 0))
}

@test "the runtime as Docker's default" {
	client=default-runtime
	daemon_down
	jq '."default-runtime" = "systemd"' /etc/docker/daemon.json >/etc/docker/new
	cp /etc/docker/daemon.json /etc/docker/before
	mv /etc/docker/new /etc/docker/daemon.json
	daemon_up
	try up docker run --detach --tty --stop-signal SIGRTMIN+3 --name box machine
	try state is_up_and_running box
	# Another container is left alone: no word in its environment, no mount of ours, and limits that no float can hold.
	docker run --detach --ulimit core=9007199254740993:9007199254740993 --name plain machine sleep 1000
	try numbers eval 'inside plain cat /proc/1/limits | grep -qE "^Max core file size +9007199254740993 +9007199254740993 "'
	run inside plain env
	echo "$output"
	try others eval '[[ $output == *PATH=* && $output != *container=* ]]'
	try alone eval '! inside plain test -e /run/host && ! inside plain grep -E " /(run|tmp) " /proc/self/mountinfo'
	# A systemd that is started by what the image calls a command of its own, with a name that is a command of the runtime's.
	docker rm --force box plain >/dev/null
	try named docker run --detach --tty --stop-signal SIGRTMIN+3 --name create machine
	try named-state is_up_and_running create
	remove_all
	daemon_down
	mv /etc/docker/before /etc/docker/daemon.json
	daemon_up
	((bad == 0))
}

# The machine's image, and Python, which Ansible's modules are run with: of the same suite as the payload.
machine_with_python() {
	payload_tar 257 | docker import - base >/dev/null
	docker create --name base base /sbin/init >/dev/null
	tar -C / -chf - usr/bin/python3 usr/lib/python3 "$(echo usr/lib/python3.*[0-9])" \
		$(ldd /usr/bin/python3 /usr/lib/python3.*/lib-dynload/*.so 2>/dev/null | sed -n 's|.*=> /\(usr/\)\?\(lib/[^ ]*\) .*|usr/\2|p' | sort -u) |
		docker cp - base:/
	docker commit --change 'CMD ["/sbin/init"]' base machine >/dev/null
	docker rm base >/dev/null
}
play() { ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False timeout 200 ansible-playbook -i localhost, "$@"; }

@test "Ansible" {
	client=ansible
	machine_with_python
	try up play "$examples/ansible/create.yml"
	try state is_up_and_running machine
	try testinfra timeout 60 python3 -m pytest -q -p no:cacheprovider --hosts docker://machine "$examples/ansible/test_machine.py"
	docker rm --force machine >/dev/null
	try reboot play "$examples/ansible/reboot.yml"
	((bad == 0))
}

@test "Molecule's driver" {
	client=molecule
	machine_with_python
	try up play -e "molecule=$examples/ansible/molecule/default/molecule.yml" "$top/tests/clients/molecule.yml"
	try destroyed eval '[[ ! $(docker ps --all --quiet) ]]'
	((bad == 0))
}
