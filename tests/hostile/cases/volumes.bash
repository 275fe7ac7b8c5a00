# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Volumes that the image leads the hook into. Sourced by ../run; try's own words are in it.

# The image has /data as a link to /run, so that the user's volume is on top of the tmpfs that config.json has for /run.
run_twice() {
	link /run /data
	mounts="[{\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},
		{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"$volume\",\"options\":[\"rbind\",\"rw\"]}]"
}
try 'a volume on top of the tmpfs at /run, through a link' acts run_twice -- tmpfs=/run "bind=$volume:/data"

# In place of the user's tmpfs at /run, a link out of it; config.json still says tmpfs.
run_elsewhere() {
	link /data /run
	mounts='[{"destination":"/run","type":"tmpfs","source":"tmpfs"}]'
}
try 'a volume where config.json says tmpfs' refused run_elsewhere -- "bind=$volume:/data"

# Users' volumes keep what they have, wherever in them.
try 'a volume at /etc that others see' acts true -- "bind=$volume/directory:/etc:shared"
try 'a volume at /var that others see' acts true -- "bind=$volume:/var:shared"
try 'the host'"'"'s cgroups, that others see' acts true -- host-cgroups 'bind=/sys/fs/cgroup:/sys/fs/cgroup:shared'
