# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A file system that never answers: half a minute later the time limit ends the hook, also where the kernel waits for the server and lets
# only a fatal signal through. Then there is nobody to say a line.

silent_volume() {
	mkdir -p "$room/silent"
	coproc silent { "$programs/silent" "$room/silent"; }
	read -r _ <&"${silent[0]}"
	with command '["/data/init"]'
	limit=35000 may_die=9
}
if [[ -e /dev/fuse ]]; then
	try 'a volume that never answers' killed silent_volume -- linger "bind=$room/silent:/data"
else
	skip 'a volume that never answers' 'no /dev/fuse'
fi
