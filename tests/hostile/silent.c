/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* silent DIRECTORY: mounts a file system there that never answers, until stdin ends: as a hostile or a dead
 * server of a volume. */

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        char options[64], byte;
        int fd = argc == 2 ? open("/dev/fuse", O_RDWR | O_CLOEXEC) : -1;

        snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
        if (fd < 0 || mount("silent", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
                perror("silent");
                return 125;
        }
        puts("mounted");
        fflush(stdout);
        return read(STDIN_FILENO, &byte, 1) < 0;
}
