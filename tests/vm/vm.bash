# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
# What the lane's programs share: where things are, and the tree with the tools.

. "${BASH_SOURCE[0]%/*}/../lib/common.bash"
vm=$cache/vm

# in_tools COMMAND...: run it in the tools' tree, which has the cache at the same path, and the checkout at /mnt. It replaces a subshell:
# its pid is the command's.
in_tools() {
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -c '
		mkdir -p "$1/vm/tools$1" && mount --rbind "$1" "$1/vm/tools$1" &&
			mount --bind "$2" "$1/vm/tools/mnt" && mount --rbind /dev "$1/vm/tools/dev" && mount -t proc proc "$1/vm/tools/proc" || exit 125
		tools=$1/vm/tools
		shift 2
		exec chroot "$tools" "$@"' in_tools "$cache" "$top" "$@"
}
