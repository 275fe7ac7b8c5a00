#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The documents say what the program does: options, keys and values of --help stand in the man page and the README's table,
# and the man page names none that the program does not take.
# shellcheck disable=SC2016 # backquotes of Markdown
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
hook=${HOOK:-build/oci-systemd-hook}
failed=0
complain() {
	echo "$1"
	failed=1
}
help=$("$hook" --help) page=$(sed 's/\\-/-/g' man/oci-systemd-hook.8)
while read -r option values; do
	key=${option#--} key=${key%=…}
	grep -qF -- "$key" <<<"$page" || complain "man page: $key is missing"
	if [[ $option == *=* ]]; then
		grep -qE "\`(--)?$key(=[A-Z,…]*)?\`" README.md || complain "README: $key is missing"
		while read -r value; do
			sed -n "/^\.It Cm $key\$/,/^\.It /p" <<<"$page" | grep -qw -- "$value" || complain "man page: $key does not name $value"
		done < <(printf '%s\n' "${values//, /$'\n'}" | grep -xE '[a-z]+')
	fi
done < <(grep -oE '^  --[^ ]+ .*' <<<"$help")
while read -r key; do
	grep -q -- "--$key=" <<<"$help" || complain "man page: $key is not in --help"
done < <(sed -n 's/^\.It Cm \([a-z][a-z.-]*\)$/\1/p' <<<"$page" | grep -vxE 'prestart|createRuntime|poststop|plan|check|explain')
words_of_help=$(sed -nE '/^Stages and commands:/,/^$/s/^  ([a-zA-Z]+) .*/\1/p' <<<"$help")
[[ $(wc -w <<<"$words_of_help") -ge 6 ]] || complain "--help names no commands"
for word in $words_of_help --bundle --json --help --version; do
	grep -qF -- "${word#--}" <<<"$help" || complain "--help: $word is missing"
	grep -qE -- "^\.(It|Nm|Op|Cm).*\<${word#--}\>|Cm ${word#--}\>|Fl -${word#--}\>" <<<"$page" || complain "man page: $word is missing"
done
version=$(sed -n 's/^VERSION *:= //p' Makefile)
[[ $("$hook" --version) == "oci-systemd-hook $version" ]] || complain "--version is not the Makefile's $version"
grep -qF "## $version" NEWS.md || complain "NEWS.md: nothing about $version"
for json in systemd-hook.json contrib/hooks.d/*.json; do
	jq -e '.version == "1.0.0" and (.hook.path | startswith("/")) and (.stages | index("poststop"))
		and ((.stages | index("prestart")) == null or (.stages | index("createRuntime")) == null)' "$json" >/dev/null ||
		complain "$json is no hooks.d entry of ours"
done

# docs/contract.md is what users can rely on: the same keys, words, options, commands, stages, names and exit statuses as the program has.
contract=docs/contract.md
section() { sed -n "/^## $1\\./,/^## /p" $contract; }
keys_of_help=$(sed -nE 's/^  --([a-z.-]+)=.*/\1/p' <<<"$help" | grep -vxE 'allow|cgroups-max' | sort)
keys_of_contract=$(section 3 | sed -nE 's/^\| (`.*`) \| .*/\1/p' | cut -d'|' -f1 | grep -oE '`[a-z.-]+`' | tr -d '`' | grep -v '^org\.' | sort)
[[ $keys_of_help == "$keys_of_contract" ]] || complain "$contract, section 3, has other keys than --help:
$(diff <(echo "$keys_of_contract") <(echo "$keys_of_help"))"
while read -r key words; do
	row=$(section 3 | grep -E "^\|[^|]*\`$key\`")
	while read -r word; do
		grep -qF "\`$word\`" <<<"$row" || complain "$contract, section 3: $key does not name $word"
	done < <(printf '%s\n' "${words//, /$'\n'}" | grep -xE '[a-z]+')
done < <(sed -nE 's/^  --([a-z.-]+)=… *(.*)/\1 \2/p' <<<"$help" | grep -vE '^(allow|cgroups-max) ')
# What needs --allow there is what --allow takes.
allowed=$(section 3 | awk -F' [|] ?' '/^\| `/ && $4 ~ /^`[a-z]/ { split($4, w, "`"); print w[2] }' | sort | xargs)
words=$(sed -nE 's/^  --allow=… *some of ([a-z,]+):.*/\1/p' <<<"$help" | tr , ' ' | xargs -n 1 | sort | xargs)
[[ $allowed == "$words" ]] || complain "$contract, section 3, allows '$allowed', and --help '$words'"
for word in $words_of_help --help --version --json --id --bundle --allow= --cgroups-max=; do
	section 2 | grep -qF -- "$word" || complain "$contract, section 2: $word is missing"
done
for word in $(section 2 | sed -nE 's/^    oci-systemd-hook \[OPTION\.\.\.\] \[?([a-zA-Z|]+).*/\1/p' | tr '|' ' '); do
	# Of the contract, but not there yet.
	[[ $word == @(check|explain) ]] || grep -qwF -- "$word" <<<"$help" || complain "--help: $word of $contract is missing"
done
# Exit statuses: 0 done, 1 refused or failed, 2 usage.
status_is() { # WANTED ARGUMENT...
	"$hook" "${@:2}" </dev/null >/dev/null 2>&1
	local status=$?
	[[ $status == "$1" ]] || complain "$contract, section 2: the exit status of '${*:2}' is $status, not $1"
}
status_is 0 --help
status_is 0 --version
status_is 0 help
status_is 1 prestart
status_is 1 createContainer
status_is 2 no-such-command
status_is 2 --no-such-option
status_is 2 plan
for file in systemd-hook.json $(grep -oE '`contrib/hooks\.d/`' $contract | tr -d '`') contrib/cdi/oci-systemd-hook.json man/oci-systemd-hook.8; do
	[[ -e $file ]] || complain "$contract: $file is not there"
done
jq -e '.kind == "oci-systemd-hook.org/systemd" and ([.devices[].name] | sort == ["always", "auto"])' contrib/cdi/oci-systemd-hook.json >/dev/null ||
	complain "$contract, section 1: the CDI kind or its devices are others"
grep -q '^  .*obsoletes\|^The package obsoletes' $contract || complain "$contract: nothing of the predecessor"
# Whoever cites a section cites one that there is.
while IFS=: read -r file line text; do
	while read -r number; do
		grep -q "^## $number\." $contract || complain "$file:$line cites section $number of the contract, which has none"
	done < <(grep -oiE 'sections? [0-9]+( and [0-9]+)?' <<<"$text" | grep -oE '[0-9]+')
done < <(grep -nriE 'contract.*sections? [0-9]|sections? [0-9].*contract' lib hook tests contrib ./*.md man --exclude=documents.sh)
# Both man pages, in both programs that set them, at 80 columns: no warning, no line that is longer.
for page in man/*.[58]; do
	warnings=$(mandoc -T lint -W warning "$page" 2>&1) || complain "$page: $warnings"
	if command -v groff >/dev/null; then
		warnings=$(groff -mdoc -Tutf8 -ww -rLL=80n "$page" 2>&1 >/dev/null)
		[[ ! $warnings ]] || complain "$page: $warnings"
		long=$(groff -mdoc -Tutf8 -P-c -rLL=80n "$page" 2>/dev/null | sed 's/.\x08//g' | grep -E '.{81}')
		[[ ! $long ]] || complain "$page: wider than 80 columns: $long"
	fi
done
while read -r goal; do
	grep -qhE "^$goal:" Makefile contrib/install.mk || complain "README or contrib: make $goal is no goal"
done < <(grep -rhoE '`make [a-z-]+( [a-z-]+)?`' README.md contrib --include='*.md' | tr -d '`' | sed 's/^make //' | tr ' ' '\n' | sort -u)
# The journal's catalogue has a text for each kind of line, and no other.
catalogue=contrib/journal/oci-systemd-hook.catalog
base=$(sed -n 's/^#define SAY_MESSAGE_IDS "\(.*\)".*/\1/p' hook/say.h)
wanted=$(sed -n 's/^ *SAY_[A-Z]* = \([1-9][0-9]*\),.*/\1/p' hook/say.h | while read -r kind; do printf '%s%02x\n' "$base" "$kind"; done | sort)
[[ $wanted && $wanted == "$(sed -n 's/^-- //p' "$catalogue" | sort)" ]] || complain "$catalogue and hook/say.h differ in their MESSAGE_IDs"
while read -r field; do
	grep -q "\"$field\"" hook/say.c || complain "$catalogue: the hook writes no field $field"
done < <(grep -oE '@[A-Z_]+@' "$catalogue" | tr -d @ | sort -u)
while read -r field; do
	[[ $field == MESSAGE || $field == SYSLOG_FACILITY ]] || grep -qF "$field" man/oci-systemd-hook.8 || complain "man page: the journal's field $field is missing"
done < <(grep -oE '^ *log_[a-z]+\(&entry, "[A-Z_]+"|^ *log_number\(&entry, "[A-Z_]+"' hook/say.c | cut -d'"' -f2)
if command -v journalctl >/dev/null; then
	made=$(mktemp -d)
	mkdir -p "$made/usr/lib/systemd/catalog"
	cp "$catalogue" "$made/usr/lib/systemd/catalog/"
	listed=$(SYSTEMD_LOG_LEVEL=debug journalctl --update-catalog --root="$made" 2>&1 | sed -n 's/^Found \([0-9]*\) items.*/\1/p')
	[[ $listed == "$(wc -l <<<"$wanted")" ]] || complain "$catalogue: journalctl reads $listed texts of $(wc -l <<<"$wanted")"
	rm -r "$made"
fi
if ((failed == 0)); then echo "documents: ok"; fi
exit $failed
