#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command line, and what `plan` says: the same as a start, refusals included. Run by tests/runtime/run.

# shellcheck disable=SC2154 # the names are those of container.bash
load in-a-view

# as !, which a failing test would go on after
not() { ! "$@"; }

setup() { make_container commands runc "$(payload_tree 252 no)"; }
teardown() { drop_container; }

# says STATUS PATTERN WORD...: the hook's exit status, and a line of what it prints.
says() {
	local wanted=$1 pattern=$2 status=0
	shift 2
	"$hook" "$@" </dev/null >"$room/said" 2>&1 || status=$?
	echo "status $status: $(head -c 3000 "$room/said")"
	((status == wanted))
	grep -qE -- "$pattern" "$room/said"
}

@test "help: -h, help and --help print the usage" {
	for word in -h help --help 'plan --help' '--mode=auto help'; do
		# shellcheck disable=SC2086
		says 0 '^  plan ' $word
	done
}

@test "usage: an unknown word, and what is expected" {
	says 2 'plna: unknown stage or command; expected prestart, createRuntime, poststop' plna
	says 2 '^oci-systemd-hook: --bunlde: unknown option' --bunlde
	says 2 '^oci-systemd-hook: --json is only valid with: plan' --json prestart
	says 2 '^oci-systemd-hook: --id is only valid with: plan' prestart --id x
	says 2 '^oci-systemd-hook: --tree is only valid with: plan' --tree check
	says 2 '^oci-systemd-hook: --json and --tree are two ways' plan --bundle / --json --tree
	says 2 '^oci-systemd-hook: plan: --bundle DIR is missing' plan
	says 2 '^oci-systemd-hook: --bundle: the value is missing' plan --bundle
	says 2 '^oci-systemd-hook: poststop: more than one stage' prestart poststop
	says 2 '^oci-systemd-hook: more: unexpected word' plan more --bundle /
	says 2 '^oci-systemd-hook: "": unknown stage or command; expected prestart' ''
}

@test "usage: an option's value is behind = or the next word, for all of them" {
	says 1 'cannot open the bundle /nowhere: ' --mode auto --tmpfs.tmp 64m --allow lxcfs,machine --cgroups-max 64 plan --bundle /nowhere --id web1
	says 0 '^skips: mode=off' --mode off plan --bundle "$bundle"
	says 0 'bound .* most=64 ' plan --bundle "$bundle" --cgroups-max 64
	says 2 '^oci-systemd-hook: --mode: invalid value sometimes for ' --mode sometimes prestart
	# a stage is in its place again, and a pipe is an engine's
	says 1 "the container's state on standard input" --mode auto prestart
}

@test "usage: a missing value, and what the option takes" {
	says 2 '^oci-systemd-hook: --mode: the value is missing; it takes auto, always, off; see' --mode
	says 2 '^oci-systemd-hook: --tmpfs.tmp: the value is missing; it takes off, a size such as 64m, ' --tmpfs.tmp --json check
	says 2 '^oci-systemd-hook: --allow: the value is missing; it takes some of console, journal, lxcfs, machine, separated by commas' --allow
	says 2 '^oci-systemd-hook: --cgroups-max: the value is missing; it takes a number of cgroups from 16 to 1000000' --cgroups-max
	says 2 '^oci-systemd-hook: --credentials: the value is missing; it takes a directory in the container' --credentials
	says 2 '^oci-systemd-hook: --id: the value is missing; it takes a container.s id' plan --bundle / --id
	says 2 '^oci-systemd-hook: --bundle: the value is missing; it takes a directory' plan --bundle --help
	says 2 '^oci-systemd-hook: --bundle: the value is missing; it takes a directory' plan --bundle --json
	says 2 '^oci-systemd-hook: --nonsense: unknown option' --nonsense x check
}

@test "usage: an empty value is said in one line" {
	for word in --bundle=,--id=x --bundle=/,--id=; do
		says 2 '^oci-systemd-hook: --(bundle|id)=: the value is empty; it takes a' plan "${word%,*}" "${word#*,}"
		[[ $(wc -l <"$room/said") == 1 ]]
	done
	says 2 '^oci-systemd-hook: --bundle: the value is empty' plan --bundle ''
	says 2 '^oci-systemd-hook: --allow=: unknown feature ""; expected some of console, journal, lxcfs, machine, sep' --allow= check
	says 2 '^oci-systemd-hook: --allow=lxcfs,: unknown feature "";' --allow=lxcfs, check
	says 2 '^oci-systemd-hook: --mode=: invalid value "" for ' --mode= check
	says 2 '^oci-systemd-hook: --cgroups-max=: invalid value "";' --cgroups-max= check
	# as if it were not set
	stage='' says 1 "^oci-systemd-hook: the container's state on standard input"
	stage=x says 1 '^oci-systemd-hook: unknown stage x; expected'
}

@test "usage: an option without a value takes none" {
	for word in --help=x --version=1 --json=true --tree=1 --json=; do
		says 2 "^oci-systemd-hook: $word: the option takes no value" plan --bundle / "$word"
	done
}

@test "plan: the machine-id of the container that is named, else what it depends on" {
	says 0 "^machine-id: derived from the container's id" plan --bundle "$bundle"
	says 0 '^machine-id: 0123456789abcdef0123456789abcdef$' plan --bundle "$bundle" --id 0123456789abcdef0123456789abcdef
	says 0 '^machine-id: [0-9a-f]{32}$' plan --bundle "$bundle" --id=web1
	says 1 '^oci-systemd-hook: --id: ' plan --bundle "$bundle" --id ../x
	says 2 '^oci-systemd-hook: --id: the value is empty; it takes a container.s id' plan --bundle "$bundle" --id ''
	[[ $("$hook" plan --bundle "$bundle" --json | jq '[.machineId, .machineIdDependsOnId]' -c) == '[null,true]' ]]
	says 0 "^machine-id: the image's" --machine-id=image plan --bundle "$bundle"
}

@test "plan: --tree draws before and after, in the locale's characters and in 80 columns" {
	change_bundle "private_cgroup | bind(\"$room\"; \"/var/log/journal\")"
	LC_ALL=C says 0 '^\|- etc/machine-id  +the image.s   the container.s own, read-only$' plan --bundle "$bundle" --tree
	grep -qE '^\|  `- lock ' "$room/said"
	not grep -q 'var/log/journal' "$room/said"
	[[ $(wc -L <"$room/said") -le 80 ]]
	# what is mounted is asked of the tree: a later mount hides the one on /run/lock
	change_bundle "bind(\"$room\"; \"/run/lock\") | tmpfs(\"/run\"; [])"
	LC_ALL=C says 0 '^[|`]- run +a mount +the same, with what was missing$' plan --bundle "$bundle" --tree
	grep -qE '^.  .- lock +the image.s +tmpfs 5m' "$room/said"
	change_bundle 'del(.mounts[-2:])'
	LC_ALL=C.UTF-8 says 0 '^├─ etc/machine-id ' plan --bundle "$bundle" --tree
	change_bundle 'command(["/bin/sh"])'
	says 0 '^skips: ' plan --bundle "$bundle" --tree
	[[ $(wc -l <"$room/said") == 1 ]]
}

@test "plan: on a terminal in its width and in colours, but not with NO_COLOR" {
	script -qc "stty cols 80; TERM=xterm '$hook' plan --bundle '$bundle'" /dev/null </dev/null | tr -d '\r' >"$room/said"
	grep -q $'^\e\[32macts\e\[m: ' "$room/said"
	[[ $(sed 's/\x1b\[[0-9]*m//g' "$room/said" | wc -L) -le 80 ]]
	script -qc "TERM=xterm NO_COLOR=1 '$hook' plan --bundle '$bundle'" /dev/null </dev/null | not grep -q $'\e'
}

@test "check: takes the administrator's options, as a hooks.d entry has them" {
	says 2 '^oci-systemd-hook: --mode=sometimes: invalid value sometimes' --mode=sometimes check
	"$hook" --mode=auto --allow=lxcfs check >"$room/said" || (($? == 1))
	grep -q kernel "$room/said"
}

@test "plan: JSON has its schema's number" {
	[[ $("$hook" plan --bundle "$bundle" --json | jq .schema) == 1 ]]
}

@test "plan: what a start skips" {
	change_bundle 'command(["/bin/sh"])'
	says 0 '^skips: /bin/sh ' plan --bundle "$bundle"
	change_bundle 'command(["/sbin/init"]) | environment("oci-systemd-hook=disabled")'
	says 0 '^skips: oci-systemd-hook=disabled' plan --bundle "$bundle"
	says 0 '^skips: mode=off' --mode=off plan --bundle "$bundle"
}

@test "plan: what a start refuses" {
	says 1 '^oci-systemd-hook: .*/nowhere' plan --bundle /nowhere
	change_bundle '.linux.namespaces |= map(select(.type != "pid"))'
	says 1 '^refuses: .*pid namespace' plan --bundle "$bundle"
	[[ $("$hook" plan --bundle "$bundle" --json | jq -r .refused) == *"pid namespace"* ]]
}

@test "plan: a cgroup2 that is mounted at an unusual place is found, as by a start" {
	mkdir "$room/elsewhere"
	mount --bind /sys/fs/cgroup/unified "$room/elsewhere"
	unshare -m --propagation private sh -c 'umount /sys/fs/cgroup/unified; exec "$@"' sh \
		"$hook" --cgroup=unified plan --bundle "$bundle" >"$room/said"
	cat "$room/said"
	grep -qE "hold +cgroup2 from $room/elsewhere" "$room/said"
}

@test "plan: the rootfs that the image's command is in is not changed" {
	"$hook" plan --bundle "$bundle"
	[[ ! $(find "$upper" -mindepth 1) ]]
}

# An image without /usr, which is a volume.
usr_is_a_volume() {
	mkdir "$room/usr" "$room/empty"
	mount --rbind "$(payload_tree 257 no)/usr" "$room/usr"
	umount "$rootfs"
	cp -a "$(payload_tree 257 no)"/{bin,sbin,lib,etc} "$rootfs/"
	mkdir "$rootfs/usr"
}

@test "plan: the command is looked for in config.json's mounts, as by a start" {
	usr_is_a_volume
	says 0 '^skips: /sbin/init ' plan --bundle "$bundle"
	change_bundle "bind(\"$room/usr\"; \"/usr\")"
	says 0 '^payload: systemd 257$' plan --bundle "$bundle"
	# by a user without privileges, too
	chmod 755 "$room" "$bundle"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$hook" plan --bundle "$bundle" | grep -x 'payload: systemd 257'
	if findmnt -rn "$rootfs/usr"; then return 1; fi
	# one file
	mkdir -p "$rootfs/etc/systemd"
	touch "$rootfs/etc/systemd/systemd"
	change_bundle "command([\"/etc/systemd/systemd\"]) | bind(\"$(payload_tree 247 no)/lib/systemd/systemd\"; \"/etc/systemd/systemd\")"
	says 0 '^payload: systemd 247$' plan --bundle "$bundle"
}

@test "plan: a mount that a later one hides is not there" {
	usr_is_a_volume
	change_bundle "bind(\"$room/usr\"; \"/usr\") | bind(\"$room/empty\"; \"/usr\")"
	says 0 '^skips: /sbin/init ' plan --bundle "$bundle"
	change_bundle 'tmpfs("/usr"; ["ro"])'
	says 0 '^skips: /sbin/init ' plan --bundle "$bundle"
}

@test "plan: a mount point that is missing is said, and not made" {
	change_bundle "command([\"/opt/x/init\"]) | bind(\"$(payload_tree 247 no)\"; \"/opt/x\")"
	says 0 '^note: the mount on /opt/x was not looked at' plan --bundle "$bundle"
	[[ ! -e $rootfs/opt/x ]]
}

# started FILTER: it runs, and runc keeps its state where it does by itself: /run is the test's own.
started() {
	change_bundle "command([\"/bin/sleep\", \"100\"]) | .process.terminal = false | $1"
	runc run --detach --bundle "$bundle" "$id" </dev/null >"$room/run" 2>&1
}
ended_again() { runc delete --force "$id"; }

@test "explain: a container that was prepared, by its id and by the beginning of that" {
	started 'annotation("mode"; "always") | memory_limit(268435456)'
	says 0 '^ok +decision +acts: mode=always' explain "$id"
	says 0 '^ok +mounts +all [0-9]+ are there' explain "${id%?}"
	says 0 '^ok +limits +memory: 268435456 bytes' explain "$id"
	[[ $("$hook" explain "$id" --json | jq -c '[.schema, .id, .stops]') == "[1,\"$id\",false]" ]]
	# a mount that went away, and a limit that was raised
	nsenter --mount --target "$(runc state "$id" | jq .pid)" umount /run/lock
	says 1 '^stops +mounts +nothing is mounted on /run/lock' explain "$id"
	runc update --memory 536870912 "$id"
	says 1 '^note +limits .* 268435456 bytes.* 536870912' explain "$id"
	ended_again
}

@test "explain: a container that was skipped, and one whose engine did not call the hook" {
	started .
	says 0 '^note +decision +skips: /bin/sleep' explain "$id"
	grep -qxE ' +set org.oci-systemd-hook.mode=always if it starts systemd' "$room/said"
	ended_again
	started 'annotation("mode"; "always") | del(.hooks)'
	says 1 '^stops +asked +the hook is not in its config.json: the engine did not add it' explain "$id"
	ended_again
	started 'command(["/bin/sh", "-c", "exec /sbin/init"]) | del(.hooks) | del(.annotations)'
	sleep 0.5
	says 1 '^stops +asked +the hook is not in its config.json: neither an annotation nor a device asks for it' explain "$id"
	ended_again
}

# kept STATUS PATTERN NAME: explain, where engines keep $room/lib of containers that no runtime knows.
kept() {
	local status=0
	# shellcheck disable=SC2016
	unshare -m --propagation private sh -c 'mount --bind "$1" /var/lib; shift; exec "$@"' sh "$room/lib" "$hook" explain "$3" >"$room/said" 2>&1 || status=$?
	echo "status $status: $(<"$room/said")"
	((status == $1))
	grep -qE -- "$2" "$room/said"
}

@test "explain: a container that has ended, by its name, its id and the beginning of that" {
	local docker=c0ffee0123456789abcdef podmans=facade0123456789abcdef userdata=$room/lib/containers/storage/overlay-containers
	mkdir -p "$room/lib/docker/containers/$docker" "$userdata/$podmans/userdata"
	echo '{"Name":"/box","Config":{"StopSignal":"SIGRTMIN+3"}}' >"$room/lib/docker/containers/$docker/config.v2.json"
	echo "[{\"id\":\"$podmans\",\"names\":[\"pod box\"]}]" >"$userdata/containers.json"
	jq '.annotations = {"org.oci-systemd-hok.mode": "auto"} | del(.hooks)' "$bundle/config.json" >"$userdata/$podmans/userdata/config.json"
	for word in box $docker c0ff; do
		kept 0 "^note +container +$docker does not run; what its last start did" $word
		grep -qxE "ok +journal +journalctl -t oci-systemd-hook CONTAINER_ID=$docker" "$room/said"
		not grep -q 'stop signal' "$room/said"
	done
	for word in 'pod box' $podmans faca; do
		kept 1 "^stops +asked +org.oci-systemd-hok.mode is no annotation of the hook" "$word"
		grep -qxE ' +--annotation org.oci-systemd-hook.mode=auto' "$room/said"
		grep -qxE "ok +journal +journalctl -t oci-systemd-hook CONTAINER_ID=$podmans" "$room/said"
	done
	# what Docker sends where nothing is said
	echo '{"Name":"/box","Config":{}}' >"$room/lib/docker/containers/$docker/config.v2.json"
	kept 0 '^note +missing +the stop signal does not stop systemd.*--stop-signal=SIGRTMIN\+3' box
	mkdir "$room/lib/docker/containers/c0fe"
	echo '{"Name":"/other"}' >"$room/lib/docker/containers/c0fe/config.v2.json"
	kept 1 '2 containers have an id that begins with c0f; give more' c0f
	kept 1 'no container nothing is known' nothing
}

@test "explain: nobody knows it" {
	says 1 'no container nowhere .*journalctl -t oci-systemd-hook CONTAINER_ID=nowhere' explain nowhere
	says 1 "CONTAINER_ID='a b'\$" explain 'a b'
	says 1 "CONTAINER_ID='\\$\(reboot\)'\$" explain '$(reboot)'
	says 1 '^oci-systemd-hook: "" is not a container' explain ''
	says 1 'is not a container' explain '*'
	says 2 "the container's id or name is missing" explain
}

# with_engine PROGRAM SCRIPT STATUS PATTERN: `check` where this engine is installed and the shell line SCRIPT was run; in a mount
# namespace of its own.
with_engine() {
	mkdir -p "$room/share/upper" "$room/share/work" "$room/etc/upper" "$room/etc/work"
	status=0
	# shellcheck disable=SC2016
	unshare -m --propagation private bash -ec '
		mount -t overlay overlay -o "lowerdir=/usr/share,upperdir=$1/share/upper,workdir=$1/share/work" /usr/share
		mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/etc/upper,workdir=$1/etc/work" /etc
		mount -t tmpfs tmpfs /usr/local/bin
		install /bin/true "/usr/local/bin/$2"
		mkdir -p /usr/share/containers/oci/hooks.d /etc/cdi
		entry=/usr/share/containers/oci/hooks.d/systemd-hook.json
		sed "s|\"/.*/oci-systemd-hook\"|\"$3\"|" systemd-hook.json >$entry
		chmod 644 $entry
		eval "$4"
		"$3" check' sh "$room" "$1" "$hook" "$2" >"$room/said" 2>&1 || status=$?
	echo "status $status: $(<"$room/said")"
	((status == $3))
	grep -qE -- "$4" "$room/said"
	rm -r "${room:?}/share" "${room:?}/etc"
}

# shellcheck disable=SC2016 # the shell lines are run elsewhere
@test "check: a good host, and what stops on others" {
	cd "$top"
	with_engine podman : 0 '^ok +hooks.d +.*systemd-hook.json calls'
	with_engine podman 'chmod 600 $entry' 1 '^stops +hooks.d +.*not readable by all'
	with_engine podman 'chmod 600 "$entry"; mv "$entry" "${entry%/*}/a b.json"' 1 "chmod 644 '.*/a b.json'"
	with_engine podman 'chmod 666 $entry' 1 '^stops +hooks.d +.*writable by others'
	with_engine podman 'rm $entry' 1 '^stops +podman +no entry'
	with_engine podman 'mkdir -p /etc/containers/containers.conf.d /etc/h; mv $entry /etc/h/; echo "hooks_dir = [\"/etc/h\"]" >/etc/containers/containers.conf.d/1.conf' \
		0 '^ok +hooks.d +/etc/h/systemd-hook.json calls'
	with_engine crio 'mkdir -p /etc/crio/crio.conf.d /etc/h; mv $entry /etc/h/; echo "hooks_dir = [\"/etc/h\"]" >/etc/crio/crio.conf.d/1.conf' \
		0 '^ok +hooks.d +/etc/h/systemd-hook.json calls'
	# as both are shipped, a list has a line for each directory
	with_engine podman 'mkdir -p /etc/containers /etc/h; mv $entry /etc/h/; printf "[engine]\n# hooks_dir = [\n#  \"/no\",\n#]\nhooks_dir = [ # two\n  \"/etc/containers/oci/hooks.d\", # \"/no\"\n  \x27/etc/h\x27,\n]\nx = \"]\"\n" >/etc/containers/containers.conf' \
		0 '^ok +hooks.d +/etc/h/systemd-hook.json calls'
	with_engine podman 'mkdir -p /etc/containers /etc/h; mv $entry /etc/h/; printf "[engine]\n#hooks_dir = [\n#  \"/etc/h\",\n#]\nhooks_dir = 3\ny = [\"/etc/h\"]\n" >/etc/containers/containers.conf' \
		1 '^stops +podman +no entry'
	with_engine crio 'rm $entry' 1 '^stops +crio +no entry'
	with_engine podman 'sed -i "s|\"/.*/oci-systemd-hook\"|\"/nowhere/oci-systemd-hook\"|" $entry' 1 '^stops +hooks.d .*/nowhere/oci-systemd-hook, which cannot be executed'
	with_engine podman 'echo "{\"hook\": \"/usr/libexec/oci/hooks.d/oci-systemd-hook\", \"cmds\": [\".*/init\"], \"stages\": [\"prestart\"]}" >${entry%/*}/oci-systemd-hook.json' \
		1 '^stops +hooks.d .*package of 2019'
	with_engine podman 'echo "{" >$entry' 1 '^stops +hooks.d '
	with_engine dockerd 'sed "s|/usr/libexec/oci/hooks.d/oci-systemd-hook|/nowhere/oci-systemd-hook|" contrib/cdi/oci-systemd-hook.json >/etc/cdi/x.json; chmod 644 /etc/cdi/x.json' \
		1 '^stops +cdi .*cannot be executed'
	with_engine dockerd 'rm $entry' 0 '^note +docker +neither'
	with_engine dockerd 'mkdir -p /etc/docker; echo "{\"runtimes\": {\"systemd\": {\"path\": \"/nowhere/oci-systemd-runtime\"}}}" >/etc/docker/daemon.json' \
		1 '^stops +docker +daemon.json names /nowhere/oci-systemd-runtime, which cannot be executed'
	with_engine dockerd 'mkdir -p /etc/docker; install /bin/true /usr/local/bin/oci-systemd-runtime; echo "{\"path\": \"/usr/local/bin/oci-systemd-runtime\"}" >/etc/docker/daemon.json' \
		0 '^ok +docker +daemon.json names the runtime that adds the hook'
}

@test "check: in 80 columns, what to type included" {
	cd "$top"
	# a terminal
	printf '#!/bin/sh\nexec script -qec "stty cols 80; exec %s check" /dev/null\n' "$hook" >"$room/terminal"
	chmod 755 "$room/terminal"
	# shellcheck disable=SC2016 # run elsewhere
	for line in 'rm $entry' 'chmod 600 $entry' 'mkdir -p /etc/docker; echo "{\"path\": \"/usr/libexec/oci/oci-systemd-runtime\"}" >/etc/docker/daemon.json'; do
		for engine in podman dockerd crio containerd; do
			with_engine $engine "$line; $room/terminal || :; exit 7" 7 'kernel +Linux'
			[[ $(tr -d '\r' <"$room/said" | sed 's/\x1b\[[0-9;]*m//g' | wc -L) -le 80 ]]
		done
	done
}

@test "check, explain, plan: the members of their JSON are those of the man page" {
	started 'annotation("mode"; "always")'
	for words in check "explain $id" "plan --bundle $bundle"; do
		# shellcheck disable=SC2086
		"$hook" $words --json >"$room/json" || true
		jq -r '[paths | .[] | strings] | unique[]' "$room/json" >"$room/members"
		[[ $(wc -l <"$room/members") -gt 5 ]]
		while read -r member; do
			sed -n '/^\.Sh JSON/,/^\.Sh EXIT/p' "$top/man/oci-systemd-hook.8" | grep -qw -- "$member" || {
				echo "$words: the man page has no $member"
				return 1
			}
		done <"$room/members"
	done
	ended_again
}

@test "check: JSON, and no inotify instances" {
	[[ $("$hook" check --json | jq -c '[.schema, .stops, (.findings | length > 5)]') == '[1,false,true]' ]]
	status=0
	unshare -Ur sh -c 'echo 3 >/proc/sys/user/max_inotify_instances; exec "$@"' sh "$hook" check >"$room/said" || status=$?
	cat "$room/said"
	((status == 1))
	grep -qE '^stops +inotify ' "$room/said"
	# what to type stands there once
	[[ $(grep -c 'sysctl -w' "$room/said") == 1 ]]
}
