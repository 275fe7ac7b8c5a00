# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Completion for bash. Commands, options and values are those that the program itself names in its --help.
_oci_systemd_hook() {
	local line=${COMP_LINE:0:COMP_POINT} word help IFS=$' \t\n'
	# bash itself takes --mode=auto for three words.
	word=${line##*[[:space:]]}
	COMPREPLY=()
	help=$("$1" --help 2>/dev/null) || return 0
	case $word in
	--bundle=*) mapfile -t COMPREPLY < <(compgen -d -- "${word#*=}") ;;
	--*=*)
		mapfile -t COMPREPLY < <(compgen -W "$(sed -n "s/^  ${word%%=*}=…  *//p" <<<"$help" | sed 's/, /\n/g' |
			grep -xE '[a-z]+')" -- "${word#*=}")
		;;
	-*) mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -- '(^|[[ |])--[a-z][a-z.-]*(=)?' <<<"$help" | tr -d '[ |' | sort -u)" -- "$word") ;;
	*)
		if [[ $line =~ --bundle[[:space:]]+[^[:space:]]*$ ]]; then
			mapfile -t COMPREPLY < <(compgen -d -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^Stages and commands:/,/^$/s/^  \([a-zA-Z]*\) .*/\1/p' <<<"$help")" -- "$word")
		fi
		;;
	esac
	# An option that ends in = waits for its value.
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}
complete -F _oci_systemd_hook oci-systemd-hook
