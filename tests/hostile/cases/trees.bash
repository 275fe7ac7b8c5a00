# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What the image has in /run and /tmp is copied into memory: too much of it, which is left out, and what must not be copied or followed.

in_run() { (cd "$rootfs/run" && eval "$1"); }

try '/run: a file of 4 TiB' acts in_run 'truncate -s 4T x'
try '/run: many large files' acts in_run 'for i in {1..40}; do truncate -s 2M $i; done'
try '/run: 20000 files' acts in_run 'seq 20000 | xargs touch'
try '/run: 200 levels' acts in_run 'mkdir -p "$(printf "d/%.0s" {1..200})"'
try '/run: 2000 levels' acts in_run 'for i in {1..20}; do mkdir -p "$(printf "d/%.0s" {1..100})" && cd "$(printf "d/%.0s" {1..100})"; done'
try '/run: links' acts in_run 'ln -s "$canary/file" a; ln -s /proc/self/root/etc/passwd b; ln -s c c; ln -s "$(printf "x%.0s" {1..4000})" d'
try '/run: a FIFO, a socket, devices' acts in_run 'mkfifo a; "$programs/node" socket b; mknod c c 1 5; mknod d b 8 0; mknod e c 0 0'
try '/run: names of all bytes' acts in_run 'touch "$(printf "\001\033[31m\n\377")" "$(printf "x%.0s" {1..255})" -- -rf'
try '/run: a file of 4 TiB with such a name' acts in_run 'truncate -s 4T "$(printf "\033[31m\n\377")"'
try '/run: set-user-ID and mode 000' acts in_run 'echo x >a; chmod 6777 a; echo x >b; chmod 000 b; mkdir c; chmod 000 c'
try '/run: a hard link to the canary' acts in_run 'ln "$canary/file" a'
try '/run: a file in place of lock, systemd and host' acts in_run 'echo x >lock; echo x >systemd; echo x >host'
try '/run: links in place of lock, systemd and host' acts in_run 'ln -s "$canary/directory" lock; ln -s "$canary" systemd; ln -s ../../../../../../../.. host'
try '/run: a link in place of what is made in it' acts in_run 'mkdir systemd host; ln -s "$canary" systemd/system; ln -s "$canary" host/inaccessible; ln -s "$canary/file" host/container-manager'
try '/run: a volume in it' acts in_run 'mkdir v' -- "bind=$volume:/run/v:shared"
try '/run: a volume over a link in it' acts in_run 'ln -s /etc v' -- "bind=$volume:/run/v:shared"
try '/tmp: links' acts eval 'ln -s "$canary" "$rootfs/tmp/a"'
try '/var/log/journal: links' acts eval 'ln -s "$canary" "$rootfs/var/log/journal/0123456789abcdef0123456789abcdef"'
try '/var/log/journal: full' acts eval 'truncate -s 4T "$rootfs/var/log/journal/system.journal"'
try '/etc: os-release is a FIFO' acts eval 'mkfifo "$rootfs/etc/os-release"'
try '/lib: 20000 libraries' acts eval 'mkdir -p "$rootfs/usr/lib/systemd" && (cd "$rootfs/usr/lib/systemd" && seq -f "libsystemd-shared-%g.so" 20000 | xargs touch)'
try '/usr/sbin/init: 4 TiB of ELF' acts eval 'truncate -s 4T "$rootfs/usr/sbin/init"'
try '/usr/sbin/init: cut' ignored eval 'truncate -s 100 "$rootfs/usr/sbin/init"'
damaged=()
for at in 16 18 40; do damaged[at]=acts; done
for at in 32 54 56; do damaged[at]=ignored; done
for at in "${!damaged[@]}"; do
	try "/usr/sbin/init: an ELF header with all bits at $at" "${damaged[at]}" eval "printf '\xff\xff\xff\xff\xff\xff\xff\xff' | dd of=\"\$rootfs/usr/sbin/init\" bs=1 seek=$at conv=notrunc status=none"
done
