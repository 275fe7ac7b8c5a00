# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Exchanges while prestart runs: of every path that it touches with all that it could be made into. ROUNDS=300; a night's is 20000.

alternative=0

# exchange PATH TARGET...: PATH of the rootfs with links to these, a FIFO, a device, and another of its own kind.
exchange() {
	local path=$1 target
	for target in "${@:2}" fifo device same; do
		alternative=$((alternative + 1))
		local other=$bundle/alternatives/$alternative
		case $target in
		fifo) mkfifo "$other" ;;
		device) mknod "$other" c 1 5 ;;
		same) cp -a "$rootfs$path" "$other" ;;
		*) ln -s "$target" "$other" ;;
		esac
		echo "$rootfs$path $other" >>"$room/swaps"
	done
}

# race NAME PATH...: these paths are exchanged, sometimes for a long time in what makes the hook refuse: so not all at once.
race() {
	local name=$1 path said target before after
	[[ $name =~ $filter ]] || return 0
	fresh
	rm -f "$room/swaps"
	mkdir -p "$bundle/alternatives" "$rootfs/run/sub" "$rootfs/run/lock"
	echo image >"$rootfs/run/file"
	echo image >"$rootfs/run/sub/file"
	for path in "${@:2}"; do
		if [[ -d $rootfs$path ]]; then target=directory; else target='file'; fi
		exchange "$path" "$canary/$target" "../../../../../../../../..$canary/$target" /data/$target /proc/1/root
	done
	if [[ $name == *'of a volume' ]]; then
		mkdir -p "$volume"/race/{log/journal,other}
		ln -s "$canary/directory" "$volume/race/out"
		rm -r "$rootfs/var/log"
		ln -s /data/race/log "$rootfs/var/log"
		printf '%s\n' "$volume/race/log $volume/race/out" "$volume/race/log $volume/race/other" >>"$room/swaps"
	fi
	write_bundle
	broken=() outcome=any took=0
	host before
	: >"$room/err"
	said=$("$programs/races" "$hook" "$room" $((${ROUNDS:-300} / 6 + 1)) "bind=$volume:/data:shared" 2>&1) || broken+=("${said:0:300}")
	host after
	before=$(grep -v "^$volume/race/" <<<"$before") after=$(grep -v "^$volume/race/" <<<"$after")
	[[ $before == "$after" ]] || broken+=("the host has changed: $(difference)")
	judge "$name" any
	printf '%-18s%s: %s\n' races "$name" "${said##*$'\n'}"
}

race 'exchanged: /run and its lock' /run /run/lock
race 'exchanged: files of /run' /run/file /run/sub /run/sub/file
race 'exchanged: /etc and its machine-id' /etc /etc/machine-id
race 'exchanged: /tmp, /var and the init' /tmp /var /usr/sbin/init
race 'exchanged: /var/log and its journal' /var/log /var/log/journal
race 'exchanged: directories of a volume' /run/file
