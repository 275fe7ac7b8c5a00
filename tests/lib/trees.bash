# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# Trees of packages in the cache: for scripts that make some. They set recipe, which changes when a tree is made in another way: trees of
# another recipe are made anew.

# The machine's own archive, unless told: the one that it has its packages from.
mirror() {
	local uri=${OCI_SYSTEMD_HOOK_MIRROR:-}
	# shellcheck disable=SC2016 # apt's own placeholder
	[[ $uri ]] || uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
	[[ $uri ]] || die "no package archive in this machine's apt sources; name one in OCI_SYSTEMD_HOOK_MIRROR"
	echo "$uri"
}

# is_made TREE: there, and made by this recipe.
is_made() { [[ -d $1 && $(cat "$1.recipe" 2>/dev/null) == "$recipe" ]]; }

# keep NEW TREE: give a complete tree its name, in one step, so that half a tree is never taken for one.
keep() {
	rm -rf --one-file-system "$2"
	mv "$1" "$2"
	echo "$recipe" >"$2.recipe"
}

# shift_tree TREE SHIFTED: a copy whose owners are where a container's user namespace has them.
shift_tree() {
	local tree=$1 shifted=$2 new=${2%/*}/.new.${2##*/}
	local user group mode file
	is_made "$shifted" && return
	rm -rf --one-file-system "$new"
	cp -a "$tree" "$new"
	while read -r user group; do
		find "$new" -xdev -uid "$user" -gid "$group" -exec chown -h $((user + shift_by)):$((group + shift_by)) {} +
	done < <(find "$tree" -xdev -printf '%U %G\n' | sort -u)
	# chown has taken the set-id bits off.
	while IFS= read -r -d '' mode && IFS= read -r -d '' file; do
		chmod "$mode" "$new/$file"
	done < <(find "$tree" -xdev -type f -perm /6000 -printf '%m\0%P\0')
	keep "$new" "$shifted"
}
