#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# reach.sh CGROUP2: what a payload that has booted can reach and make, once more than escape.sh: run in the container by exec, and judged from the host.
# Its children stay in every cgroup that they could enter. CGROUP2 is the mount of cgroup2 in this layout, or empty. Prints 'entered DIRECTORY',
# 'sees DIRECTORY' for those of others, 'made N' cgroups.
set -u
unified=$1

# All that can be opened, by way of /proc too.
mapfile -t directories < <(find /sys/fs/cgroup /proc/1/root/sys/fs/cgroup -maxdepth 9 -type d 2>/dev/null)
for directory in "${directories[@]}"; do
	[[ $directory == *stranger* ]] && echo "sees $directory"
done
HOLD=1 /run/into-cgroup "${directories[@]}"

[[ $unified ]] || exit 0
own=$unified$(sed -n 's/^0:://p' /proc/1/cgroup)
own=${own%/init.scope}
cd "$own" || exit 1
mkdir reach-{1..4200} 2>/dev/null
find . -maxdepth 1 -name 'reach-*' | sed -n '$=' | sed 's/^/made /'
rmdir reach-* 2>/dev/null
# Deeper than any use; the names are longer than a path may be, for who removes it.
# A shell has no working directory whose path is that long.
perl -e 'while ($depth < 100 && mkdir("0" x 200) && chdir("0" x 200)) { $depth++ } print "nested $depth\n"'
exit 0
