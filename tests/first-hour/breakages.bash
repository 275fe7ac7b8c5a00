# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The breakages that are the same for all engines; each ends with its cure, typed as it was said.

# A message that no program of the hook's can explain has its line in the README.
in_readme() {
	grep -F -- "$1" "$top/README.md"
	result "$breakage: README explains $1" $?
}

slow_stop() {
	local began=$SECONDS
	enter "$cli stop box"
	result "$breakage: the stop takes ten seconds" $((SECONDS - began < 9))
	end
}
quick_stop() {
	local began=$SECONDS
	enter "$cli stop box"
	result "$breakage: the stop takes no ten seconds" $((SECONDS - began > 6))
	end
}

# asks: an engine where the hook has to be told that a container asks has more to say.
asks() { :; }

# journal_says SENTENCE: of this container, since this breakage.
journal_says() {
	enter "journalctl -t oci-systemd-hook --no-pager --output=cat --since=@$since"
	says "$1"
}

break_script() {
	breakage='script as command'
	heading "$ENGINE: $breakage"
	printf '#!/bin/sh\necho prepared\nexec /sbin/init\n' >entry
	chmod 755 entry
	asks
	with_script
	look
	# containerd has a tmpfs on /run by itself, so that this systemd gets a step further.
	says "${without_hook:-Failed to mount tmpfs at /run: Operation not permitted}"
	in_readme "\`${without_hook:-Failed to mount tmpfs at /run: Operation not permitted}\`"
	journal_says 'skipped: /entry is a script, which is not followed; set mode=always if it starts systemd'
	end
	with_always
	comes_up box
	end
}

break_init() {
	breakage=--init
	heading "$ENGINE: $breakage"
	with_init
	look
	says "Couldn't find an alternative telinit implementation to spawn"
	journal_says 'stays process 1, which systemd has to be; leave it out (--init)'
	end
}

break_user() {
	breakage='--user 1000'
	heading "$ENGINE: $breakage"
	with_user
	look
	says 'Failed to allocate manager object'
	journal_says 'the command runs as user 1000, and systemd as PID 1 ends at once unless it is root; leave --user'
	end
}

break_inotify() {
	local most
	breakage='inotify used up'
	heading "$ENGINE: $breakage"
	most=$(</proc/sys/fs/inotify/max_user_instances)
	eat_inotify
	begin
	journal_says "inotify instances are left of the user's $most"
	says 'sysctl -w fs.inotify.max_user_instances=1024'
	enter oci-systemd-hook check
	says "inotify instances are left of the user's $most"
	says 'sysctl -w fs.inotify.max_user_instances=1024'
	kill "$eater"
	wait "$eater" 2>/dev/null
	end
	# The limit is the whole machine's, and is left as it is: what gives instances back is the other cure.
	begin
	comes_up box
	end
}

break_run_read_only() {
	breakage='/run read-only'
	heading "$ENGINE: $breakage"
	mkdir -p volume
	with_read_only_run
	if [[ $VARIANT == runc ]]; then
		# Podman's own mode mounts /run/lock, and runc fails at that before it calls a hook; crun makes mounts read-only later.
		says 'error mounting "tmpfs" to rootfs at "/run/lock"'
		in_readme '`error mounting "tmpfs" to rootfs at "/run/lock"`'
	else
		journal_says '/run is mounted read-only, and systemd writes there; mount it writable, or remove that mount'
	fi
	end
	with_writable_run
	comes_up box
	end
}
