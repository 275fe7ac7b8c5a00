# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What an image or a user may have written into config.json. JSON's \u0000 is a NUL, \u001b begins an escape sequence.

many() { # COUNT ELEMENT: a JSON array; %d is its number
	local all
	# shellcheck disable=SC2046,SC2059 # numbers; the element is a format
	printf -v all "$2," $(seq "$1")
	echo "[${all%,}]"
}
long() { printf "%0$1d" 0; }

try 'env: numbers' refused with environment '[1,2]'
try 'env: null inside' acts with environment '[null]'
try 'env: an object' refused with environment '{"PATH":"/sbin"}'
try 'env: a string' refused with environment '"PATH=/sbin"'
try 'env: null' acts with environment null
try 'env: nested arrays' refused with environment '[["PATH=/sbin"]]'
try 'env: empty' acts with environment '[]'
try 'env: empty strings' acts with environment '["","=","=x"]'
try 'env: NUL' refused with environment '["PATH=/usr/sbin\u0000:/data"]'
try 'env: escape bytes and newlines' acts with environment '["A=\u001b[31m\nB=1","PATH=\u001b]0;x\u0007"]'
try 'env: disabled' ignored with environment '["oci-systemd-hook=disabled"]'
try 'env: disabled, but for a newline' acts with environment '["oci-systemd-hook=disabled\n"]'
try 'env: the container_uuid of the predecessor' acts with environment '["container_uuid=../../../../../../../../etc"]'
try 'env: the container_ttys of the predecessor' acts with environment '["container_ttys=../../etc/passwd","container=/../.."]'
try 'env: traversal in PATH' acts eval 'with environment "[\"PATH=../../../..:/../../../../usr/sbin\"]"; with command "[\"init\"]"'
try 'env: PATH through proc' ignored eval 'with environment "[\"PATH=/proc/self/root/sbin:/proc/1/root/sbin\"]"; with command "[\"init\"]"'
try 'env: PATH into a FIFO' ignored eval 'mkfifo "$rootfs/data/init"; with environment "[\"PATH=/data\"]"; with command "[\"init\"]"'
try 'env: PATH twice' acts eval 'with environment "[\"PATH=/data\",\"PATH=/usr/sbin\"]"; with command "[\"init\"]"'
try 'env: PATH of 1 MiB' acts with environment "[\"PATH=$(long 1048576)\"]"
try 'env: PATH of 5000 directories' ignored eval 'with environment "[\"PATH=$(printf "/%d:" $(seq 5000))\"]"; with command "[\"init\"]"'
# One call of the lookups below the rootfs fails: the third is the second directory's.
unreadable() {
	environment='["PATH=/data:/etc:/usr/sbin"]' command="[\"$1\"]" limit=3000 tried=$room/wrapper
	cp "$(type -P true)" "$rootfs/usr/sbin/foreign"
	printf '%s\n' '#!/bin/sh' "[ \$1 = prestart ] || exec $hook \"\$@\"" "export ASAN_OPTIONS=detect_leaks=0" \
		"exec strace -qq -o $room/calls -e trace=openat2 -e inject=openat2:error=EIO:when=3 $hook \"\$@\"" >"$tried"
	chmod 755 "$tried"
}
if command -v strace >/dev/null; then
	try 'env: an error in one directory of PATH, and a foreign command behind it' ignored unreadable foreign
	try 'env: an error in one directory of PATH, and systemd behind it' acts unreadable init
	try 'env: an error in one directory of PATH, and nothing behind it' refused unreadable nothing
	tried=
else
	skip 'env: an error in one directory of PATH' 'no strace'
fi
try 'env: 100000 variables' acts eval 'with environment "$(many 100000 "\"V%d=x\"")"'
try 'env: invalid UTF-8' refused with environment $'["PATH=/\xff\xfe"]'
try 'env: overlong UTF-8' acts with environment $'["PATH=/\xc0\xaf"]'
try 'env: half a surrogate' acts with environment '["PATH=/\ud800"]'

try 'args: none' ignored with command '[]'
try 'args: null' ignored with command null
try 'args: a string' refused with command '"/sbin/init"'
try 'args: a number' refused with command '[1]'
try 'args: an object inside' refused with command '[{}]'
try 'args: empty' ignored with command '[""]'
try 'args: NUL' refused with command '["/sbin/init\u0000"]'
try 'args: newline' ignored with command '["/sbin/init\n"]'
try 'args: escape bytes' ignored with command '["\u001b[2J\u0007/sbin/init"]'
try 'args: traversal' acts with command '["/../../../../../sbin/init"]'
try 'args: traversal of the host' ignored with command "[\"/../../../../../../..$canary/file\"]"
try 'args: through proc' ignored with command '["/proc/1/root/sbin/init"]'
try 'args: the exe of proc' ignored with command '["/proc/self/exe"]'
try 'args: a directory' ignored with command '["/usr"]'
try 'args: a slash' ignored with command '["/"]'
try 'args: 1 MiB' ignored with command "[\"/$(long 1048576)\"]"
try 'args: a component of 300 bytes' ignored with command "[\"/$(long 300)\"]"
try 'args: a million of them' acts eval 'with command "[\"/sbin/init\",$(many 1000000 1 | tr -d "[]" | sed "s/1/\"\"/g")]"'
try 'args: relative, from a cwd outside' acts eval 'with command "[\"./sbin/init\"]"; with directory "\"../../..\""'
try 'cwd: a number' refused with directory 1
try 'cwd: NUL' refused with directory '"/\u0000"'
try 'cwd: 1 MiB' ignored eval 'with command "[\"./init\"]"; with directory "\"/$(long 1048576)\""'

try 'root: none' refused with root '{}'
try 'root: null' refused with root null
try 'root: empty' refused with root '{"path":""}'
try 'root: a number' refused with root '{"path":7}'
try 'root: not there' ignored with root '{"path":"nowhere"}'
try 'root: NUL' refused with root '{"path":"rootfs\u0000x"}'
try 'root: newline and escape' ignored with root '{"path":"root\nfs\u001b[31m"}'
try 'root: the host' refused with root '{"path":"/"}'
try 'root: upward to the canary' ignored with root '{"path":"../canary"}'
try 'root: a file' ignored with root '{"path":"/etc/passwd"}'
try 'root: 1 MiB' refused with root "{\"path\":\"$(long 1048576)\"}"
try 'root: path twice' refused with root '{"path":"/","path":"rootfs"}'
try 'root: in it, not the top' acts with root '{"path":"rootfs/usr/.."}'
try 'root: below the top' refused with root '{"path":"rootfs/usr"}'
try 'root: readonly is a word' refused with root '{"path":"rootfs","readonly":"yes"}'
try 'root: a link to the host' refused eval 'ln -s / "$bundle/link"; with root "{\"path\":\"link\"}"'
try 'root: a link to the rootfs' acts eval 'ln -s rootfs "$bundle/link"; with root "{\"path\":\"link\"}"'

try 'mounts: an object' refused with mounts '{}'
try 'mounts: numbers' refused with mounts '[1]'
try 'mounts: null' acts with mounts null
try 'mounts: a destination that is a number' refused with mounts '[{"destination":1}]'
try 'mounts: no destination' acts with mounts '[{},{"type":"bind"}]'
try 'mounts: an empty destination' acts with mounts '[{"destination":""}]'
try 'mounts: NUL' refused with mounts '[{"destination":"/run\u0000/x"}]'
try 'mounts: newline and escape' acts with mounts '[{"destination":"/run/\n\u001b[31m"}]'
try 'mounts: a tmpfs on /run that is not there' acts with mounts '[{"destination":"/run","type":"tmpfs"}]'
try 'mounts: traversal to /run' acts with mounts '[{"destination":"/data/../../../run","type":"tmpfs"}]'
try 'mounts: traversal to the host' acts with mounts '[{"destination":"../../../../../etc","type":"bind"}]'
try 'mounts: 1 MiB' acts with mounts "[{\"destination\":\"/run/$(long 1048576)\"}]"
try 'mounts: 5000 levels' acts eval 'with mounts "[{\"destination\":\"/run$(printf "/a%.0s" $(seq 5000))\"}]"'
try 'mounts: 40000 in /run' refused eval 'with mounts "$(many 40000 "{\"destination\":\"/run/%d\"}")"'
try 'mounts: 40000 elsewhere' acts eval 'with mounts "$(many 40000 "{\"destination\":\"/data/%d\"}")"'
try 'mounts: one destination, thrice' acts with mounts '[{"destination":"/tmp","type":"tmpfs"},{"destination":"/tmp"},{"destination":"/tmp/"}]' -- tmpfs=/tmp
try 'mounts: options that are no strings' refused with mounts '[{"destination":"/run","options":[1]}]'
try 'mounts: options that are a string' refused with mounts '[{"destination":"/run","options":"ro"}]'
try 'mounts: a cgroup elsewhere' acts with mounts '[{"destination":"/run/lock","type":"cgroup","options":["ro"]}]'

prefix=org.oci-systemd-hook.
try 'annotations: an array' refused with annotations '[]'
try 'annotations: numbers' refused with annotations "{\"${prefix}mode\":1}"
try 'annotations: null' acts with annotations null
try 'annotations: numbers of others' refused with annotations '{"x":1}'
try 'annotations: no key' refused with annotations "{\"$prefix\":\"\"}"
try 'annotations: an unknown key with escape bytes' refused with annotations "{\"$prefix\\u001b[31m\\nx\":\"\"}"
try 'annotations: an unknown key of 1 MiB' refused with annotations "{\"$prefix$(long 1048576)\":\"\"}"
try 'annotations: a value with escape bytes' refused with annotations "{\"${prefix}mode\":\"\\u001b[2J\\n\"}"
try 'annotations: a value with NUL' refused with annotations "{\"${prefix}mode\":\"always\\u0000off\"}"
try 'annotations: a value of 1 MiB' refused with annotations "{\"${prefix}mode\":\"$(long 1048576)\"}"
try 'annotations: a key twice' refused with annotations "{\"${prefix}mode\":\"always\",\"${prefix}mode\":\"off\"}"
try 'annotations: 100000 of them' acts eval 'with annotations "$(many 100000 "\"k%d\":\"v\"" | tr "[]" "{}")"'
try 'annotations: a machine-id with traversal' refused with annotations "{\"${prefix}machine-id\":\"../../../../etc/passwd/0123456789\"}"
try 'annotations: a machine-id of zeros' refused with annotations "{\"${prefix}machine-id\":\"$(long 32)\"}"
try 'annotations: a second option in a size' refused with annotations "{\"${prefix}tmpfs.run\":\"1m,mode=777\"}"
try 'annotations: a size beyond all' refused with annotations "{\"${prefix}tmpfs.run\":\"99999999999999999999g\"}"
try 'annotations: a negative size' refused with annotations "{\"${prefix}tmpfs.run\":\"-1\"}"
try 'annotations: a size of 0' refused with annotations "{\"${prefix}tmpfs.run\":\"0\"}"
try 'annotations: a size of one byte' acts with annotations "{\"${prefix}tmpfs.run\":\"1\"}"
try 'annotations: the host'"'"'s journal' refused with annotations "{\"${prefix}journal\":\"host\"}"
try 'annotations: allow' refused with annotations "{\"${prefix}allow\":\"host\"}"
for key in lxcfs machine; do
	try "annotations: $key, which is not allowed" refused with annotations "{\"$prefix$key\":\"on\"}"
done
try 'annotations: credentials from above' refused with annotations "{\"${prefix}credentials\":\"/../../../missing\"}"
try 'annotations: invalid UTF-8' refused with annotations "{\"${prefix}mode\":\"$(printf '\xff')\"}"

try 'hooks: a number' acts with hooks 1
try 'hooks: nested' acts with hooks '{"prestart":[[[{"path":"/../../etc"}]]]}'
try 'hooks: 20000' acts eval 'with hooks "{\"prestart\":$(many 20000 "{\"path\":\"/x%d\"}")}"'

try 'mappings: a number' refused with linux '{"uidMappings":1}'
try 'mappings: strings' refused with linux '{"uidMappings":[{"containerID":"0","hostID":"0","size":1}]}'
try 'mappings: negative' refused with linux '{"uidMappings":[{"containerID":0,"hostID":-1,"size":1}]}'
try 'mappings: beyond 32 bits' refused with linux '{"gidMappings":[{"containerID":0,"hostID":4294967296,"size":1}]}'
try 'mappings: beyond 64 bits' refused with linux '{"gidMappings":[{"containerID":0,"hostID":99999999999999999999,"size":1}]}'
try 'mappings: a fraction' refused with linux '{"uidMappings":[{"containerID":0.5,"hostID":1e3,"size":1}]}'
try 'mappings: twice, and of no namespace' acts with linux '{"uidMappings":[{"containerID":0,"hostID":0},{"containerID":0,"hostID":1000}]}'
try 'mappings: 50000' acts eval 'with linux "{\"uidMappings\":$(many 50000 "{\"containerID\":%d,\"hostID\":1}")}"'
try 'mappings: others than the namespace has' acts with linux '{"namespaces":[{"type":"user"}],"uidMappings":[{"containerID":0,"hostID":0}]}' -- user-namespace
try 'namespaces: numbers' refused with linux '{"namespaces":[{"type":1}]}'
try 'namespaces: 1 MiB' acts with linux "{\"namespaces\":[{\"type\":\"$(long 1048576)\"}]}"
try 'memory: a string' refused with linux '{"resources":{"memory":{"limit":"1g"}}}'
try 'memory: negative' acts with linux '{"resources":{"memory":{"limit":-9223372036854775808}}}'
try 'memory: the largest' acts with linux '{"resources":{"memory":{"limit":9223372036854775807}}}'
try 'memory: one byte' acts with linux '{"resources":{"memory":{"limit":1}}}'
try 'memory: beyond' refused with linux '{"resources":{"memory":{"limit":1e400}}}'
# Without SELinux no label is used, with it an unknown one is refused.
try 'label: a second option' any with linux '{"mountLabel":"system_u:object_r:x:s0\",size=1"}'
try 'label: newline and NUL' refused with linux '{"mountLabel":"x\n\u0000"}'
try 'label: 1 MiB' any with linux "{\"mountLabel\":\"$(long 1048576)\"}"
