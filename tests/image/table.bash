# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
# The table of images, for the scripts of this directory.

table=${IMAGES:-${BASH_SOURCE[0]%/*}/images}

# image_names: those of the table, in its order.
image_names() { sed -n 's/^IMAGE  *//p' "$table"; }

# read_image NAME: its words, and of these what decides how it is started.
read_image() {
	words=$(awk -v name="$1" '$1 == "IMAGE" { on = $2 == name; next } on && NF && !/^#/' "$table")
	[[ $words ]] || die "the table has no image $1"
	from=$(awk '$1 == "FROM" { print $2 }' <<<"$words")
	from=${from:-252}
	view=$(awk '$1 == "HOST" { print $2 }' <<<"$words")
	view=${view:-hybrid}
	userns=$(awk '$1 == "USERNS" { print "yes"; exit }' <<<"$words")
	userns=${userns:-no}
	expected=$(awk '/^(BOOTS|REFUSED|STARTS)/ { print $1; exit }' <<<"$words")
	[[ $expected ]] || die "image $1: neither BOOTS nor REFUSED nor STARTS"
}
