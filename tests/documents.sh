#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The documents say what the program does: options, keys and values of --help stand in the man page and the README's table,
# and the man page names none that the program does not take.
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
done < <(sed -n 's/^\.It Cm \([a-z][a-z.-]*\)$/\1/p' <<<"$page" | grep -vxE 'prestart|createRuntime|poststop|plan')
for word in prestart createRuntime poststop plan --bundle --json --help --version; do
	grep -qF -- "${word#--}" <<<"$help" || complain "--help: $word is missing"
	grep -qF -- "${word#--}" <<<"$page" || complain "man page: $word is missing"
done
version=$(sed -n 's/^VERSION *:= //p' Makefile)
[[ $("$hook" --version) == "oci-systemd-hook $version" ]] || complain "--version is not the Makefile's $version"
grep -qF "## $version" NEWS.md || complain "NEWS.md: nothing about $version"
for json in systemd-hook.json contrib/hooks.d/*.json; do
	jq -e '.version == "1.0.0" and (.hook.path | startswith("/")) and (.stages | index("poststop"))
		and ((.stages | index("prestart")) == null or (.stages | index("createRuntime")) == null)' "$json" >/dev/null ||
		complain "$json is no hooks.d entry of ours"
done
if ((failed == 0)); then echo "documents: ok"; fi
exit $failed
