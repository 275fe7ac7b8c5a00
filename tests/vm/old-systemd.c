/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * No suite of Debian has a systemd older than 230 any more. This is recognised as one, by the words that it
 * would say at its start and by needing none of systemd's libraries, and is a newer one in truth.
 */
#include <stdio.h>
#include <unistd.h>

static const char words[] = "systemd 215 running in system mode.\n";

int main(int argc, char **argv)
{
        (void)argc;
        fputs(words, stdout);
        fflush(stdout);
        execv("/lib/systemd/systemd-in-truth", argv);
        perror("old-systemd");
        return 1;
}
