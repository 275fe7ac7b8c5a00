/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* node socket PATH: what mknod(1) does not make. */

#include <string.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
        return argc == 3 && strcmp(argv[1], "socket") == 0 && mknod(argv[2], S_IFSOCK | 0666, 0) == 0 ? 0 : 1;
}
