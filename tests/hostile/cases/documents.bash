# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# JSON that is none, and a config.json that is no file.

# shellcheck disable=SC2059 # with escapes
config() { printf "$1" >"$bundle/config.json"; }
good() { write_bundle && mv "$bundle/config.json" "$room/good" && rm -f "$room/state"; }
nested() { printf '%*s' "$1" '' | tr ' ' "$2"; }

try 'config.json: empty' refused config ''
try 'config.json: blanks' refused config ' \n\n'
try 'config.json: no JSON' refused config 'hello \033[31m'
try 'config.json: an array' refused config '[]'
try 'config.json: null' refused config 'null'
try 'config.json: NUL bytes' refused config '\0\0\0\0'
try 'config.json: a byte order mark' refused eval 'good; { printf "\xef\xbb\xbf"; cat "$room/good"; } >"$bundle/config.json"'
try 'config.json: UTF-16' refused eval 'good; iconv -t UTF-16 "$room/good" >"$bundle/config.json"'
for size in 1 20 60 120 180; do
	try "config.json: cut after $size bytes" refused eval "good; head -c $size \"\$room/good\" >\"\$bundle/config.json\""
done
try 'config.json: more behind it' refused eval 'good; { cat "$room/good"; echo x; } >"$bundle/config.json"'
try 'config.json: 100000 arrays deep' refused eval 'config "{\"x\":$(nested 100000 "[")"'
try 'config.json: 100000 arrays deep, and closed' refused eval 'with more ",\"x\":$(nested 100000 "[")$(nested 100000 "]")"'
try 'config.json: 100000 objects deep' refused eval 'config "$(nested 100000 x | sed "s/x/{\"a\":/g")"'
try 'config.json: a huge number elsewhere' acts with more ",\"x\":1e999999,\"y\":$(nested 100000 9)"
try 'config.json: invalid UTF-8 elsewhere' refused with more $',"x":"\xff\xc0\x80"'
try 'config.json: raw control bytes' refused with more $',"x":"\001\033[31m"'
try 'config.json: process twice' refused with more ',"process":{"args":["/bin/sh"]}'
try 'config.json: process first elsewhere' refused eval 'good; sed "s|\"process\"|\"process\":{\"args\":[\"/bin/sh\"]},\"process\"|" "$room/good" >"$bundle/config.json"'
try 'config.json: root twice' refused with more ',"root":{"path":"/"}'
try 'config.json: root first elsewhere' refused eval 'good; sed "s|\"root\"|\"root\":{\"path\":\"/\"},\"root\"|" "$room/good" >"$bundle/config.json"'
try 'config.json: mounts twice' refused with more ',"mounts":[{"destination":"/run","type":"bind"}]'
try 'config.json: keys of 1 MiB' acts with more ",\"$(nested 1048576 k)\":1"
try 'config.json: a value of 16 MiB' acts eval 'good; { head -c -2 "$room/good"; printf ",\"x\":\""; head -c 16000000 /dev/zero | tr "\0" x; printf "\"}"; } >"$bundle/config.json"'
try 'config.json: 70 MiB of it' refused eval 'head -c 70000000 /dev/zero | tr "\0" " " >"$bundle/config.json"'
try 'config.json: a sparse giant' refused eval 'truncate -s 4T "$bundle/config.json"'
try 'config.json: not there' refused eval 'config x; write_bundle; rm "$bundle/config.json"; ln -s nowhere "$bundle/config.json"'
try 'config.json: a FIFO' refused eval 'mkfifo "$bundle/config.json"'
try 'config.json: a directory' refused eval 'mkdir "$bundle/config.json"'
try 'config.json: a socket' refused eval '"$programs/node" socket "$bundle/config.json"'
try 'config.json: a device' refused eval 'mknod "$bundle/config.json" c 1 5'
try 'config.json: a link to a device' refused eval 'ln -s /dev/zero "$bundle/config.json"'
try 'config.json: a link to the canary' refused eval 'ln -s "$canary/file" "$bundle/config.json"'
try 'config.json: a link to itself' refused eval 'ln -s config.json "$bundle/config.json"'
try 'config.json: a link to a good one' acts eval 'good; ln -s "$room/good" "$bundle/config.json"'
try 'config.json: mode 000' acts eval 'write_bundle; chmod 000 "$bundle/config.json"'

# shellcheck disable=SC2059
state() { printf "$1" >"$room/state" && refusing=1; }
try 'state: empty' refused state ''
try 'state: an array' refused state '[]'
try 'state: null' refused state 'null'
try 'state: cut' refused state '{"id":"x","pid":'
try 'state: deep' refused eval 'state "{\"x\":$(nested 100000 "[")"'
try 'state: 5 MiB' refused eval 'head -c 5000000 /dev/zero | tr "\0" " " >"$room/state"; refusing=1'
try 'state: invalid UTF-8' refused state '{"id":"\xff"}'
try 'id: none' refused state '{"pid":@PID@,"bundle":"/x"}'
for name in '""' '"."' '".."' '"../../etc/passwd"' '"a/b"' '"a\u0000b"' '"a\nb"' '"\u001b[31m"' 1 null '[]' "\"$(printf 'x%.0s' {1..252})\""; do
	try "id: ${name:0:24}" refused with_bad id "$name"
done
try 'id: 251 bytes' acts with id "\"$(printf 'x%.0s' {1..251})\""
try 'id: bytes of other scripts' acts with id '"日本"'
try 'id: options of programs' acts with id '"--help"'
for number in -1 1.5 '"7"' 2147483648 99999999999999999999 '[]' 1e3; do
	try "pid: $number" refused with_bad pid "$number"
done
try 'pid: null' refused with pid null
try 'pid: twice' refused with_bad more_state ',"pid":1'
try 'status: a number' refused with_bad status 1
try 'status: stopped, while it runs' acts with status '"stopped"'
try 'bundle: relative' refused with_bad state_bundle '"bundle"'
try 'bundle: a number' refused with_bad state_bundle 1
try 'bundle: not there' refused with state_bundle '"/nowhere"'
try 'bundle: the host' refused with state_bundle '"/"'
try 'bundle: a file' refused with state_bundle '"/etc/passwd"'
try 'bundle: newline and escape' refused with state_bundle '"/\n\u001b[31m"'
try 'bundle: NUL' refused with_bad state_bundle '"/mnt\u0000/x"'
try 'bundle: 1 MiB' refused with state_bundle "\"/$(nested 1048576 b)\""
try 'bundle: with traversal' acts with state_bundle "\"$bundle/../../room/bundle\""
try 'state: annotations that are numbers' refused with_bad state_annotations '{"org.oci-systemd-hook.mode":1}'
try 'state: an unknown annotation' refused with state_annotations '{"org.oci-systemd-hook.\u001b[31m":"x"}'
try 'state: off, while config.json says always' ignored eval 'with state_annotations "{\"org.oci-systemd-hook.mode\":\"off\"}"; with annotations "{\"org.oci-systemd-hook.mode\":\"always\"}"'
