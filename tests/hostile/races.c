/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * races HOOK DIR ROUNDS: ROUNDS containers, while whose prestart two processes exchange what DIR/swaps lists,
 * a path of the rootfs and what it is exchanged with on each line; in every eighth the container ends
 * meanwhile. Held, when the hook ends by itself with 0 or 1, the host's mounts and everything in DIR/canary
 * stay, no line of the canary gets into the container's /run, and nothing is left after poststop.
 *
 * Prints how many acted, were refused, and how often something was exchanged.
 */
#include "fake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SWAPPERS   2
#define SWAPS_MOST 64

/* By its directory, which may be another's or behind a link a moment later. */
struct place {
        int dir;
        const char *name;
};

struct swap {
        struct place one, other;
};

struct shared {
        volatile int go;
        volatile unsigned long swapped[SWAPPERS];
};

struct races {
        struct fake fake;
        char *hook, *template;
        const char *dir;
        struct swap swaps[SWAPS_MOST];
        unsigned swap_count;
        struct shared *shared;
        pid_t swapper[SWAPPERS];
        unsigned acted, refused;
};

static char *below(const char *dir, const char *name)
{
        char *path;

        if (asprintf(&path, "%s/%s", dir, name) < 0)
                fake_die(name);
        return path;
}

static struct place place(char *path)
{
        char *slash = strrchr(path, '/');
        struct place p = {.name = slash + 1};

        *slash = '\0';
        p.dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (p.dir < 0)
                fake_die(path);
        return p;
}

static void read_swaps(struct races *r)
{
        char *all = fake_read(below(r->dir, "swaps")), *line;

        while ((line = strsep(&all, "\n")) && *line && r->swap_count < SWAPS_MOST) {
                char *one = strsep(&line, " ");

                r->swaps[r->swap_count++] = (struct swap){place(one), place(line)};
        }
}

static void swap_for_ever(struct races *r, unsigned number)
{
        unsigned random = number * 2654435761u + 1;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
                while (!r->shared->go)
                        usleep(50);
                random = random * 1664525u + 1013904223u;

                struct swap *s = &r->swaps[(random >> 16) % r->swap_count];

                if (renameat2(s->one.dir, s->one.name, s->other.dir, s->other.name, RENAME_EXCHANGE) == 0)
                        r->shared->swapped[number]++;
        }
}

static void start_swappers(struct races *r)
{
        r->shared = mmap(NULL, sizeof *r->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (r->shared == MAP_FAILED)
                fake_die("mmap");
        for (unsigned i = 0; i < SWAPPERS; i++) {
                r->swapper[i] = fork();
                if (r->swapper[i] == 0)
                        swap_for_ever(r, i);
        }
}

/* Every name below path with what a write, a mount or a change of owner would change. */
static void look(FILE *out, const char *path)
{
        struct stat st;
        struct dirent **entries = NULL;
        int n;

        if (lstat(path, &st) < 0)
                fake_die(path);
        fprintf(out, "%s %lu %lu %o %u %u %lu %ld.%ld\n", path, st.st_dev, st.st_ino, st.st_mode, st.st_uid,
                st.st_gid, st.st_nlink, st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
        n = S_ISDIR(st.st_mode) ? scandir(path, &entries, NULL, alphasort) : 0;
        for (int i = 0; i < n; i++) {
                char *child = below(path, entries[i]->d_name);

                if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
                        look(out, child);
                free(child);
                free(entries[i]);
        }
        free(entries);
}

static char *host(const struct races *r)
{
        char *text = NULL, *mounts = fake_mounts(getpid());
        size_t size;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                fake_die("memory");
        look(out, below(r->dir, "canary"));
        fputs(mounts, out);
        fclose(out);
        free(mounts);
        return text;
}

static void broken(const struct races *r, unsigned round, const char *what)
{
        r->shared->go = 0;
        printf("round %u: %s\n", round, what);
        exit(1);
}

/* What came into the tmpfs at the container's /run must not have been read through a link. */
static void check_inside(const struct races *r, pid_t container, unsigned round)
{
        char path[4200], text[64];
        struct stat own, image;
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/root%s/run", container, r->fake.rootfs);

        int run = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = NULL;

        if (run >= 0 && fstat(run, &own) == 0 && stat(r->dir, &image) == 0 && own.st_dev != image.st_dev)
                dir = fdopendir(run);
        for (struct dirent *entry; dir && (entry = readdir(dir));) {
                if (entry->d_type != DT_REG)
                        continue;
                int fd = openat(run, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

                n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
                text[n > 0 ? n : 0] = '\0';
                if (fd >= 0)
                        close(fd);
                if (strstr(text, "canary"))
                        broken(r, round, "the container can read the canary");
        }
        if (dir)
                closedir(dir);
}

static void run_round(struct races *r, unsigned round)
{
        int out = open("/dev/null", O_WRONLY | O_CLOEXEC), error = fileno(tmpfile());
        pid_t container = fake_start(&r->fake), killer = -1;
        char pid[16];

        snprintf(pid, sizeof pid, "%d", container);
        char *state = fake_state(r->template, pid), *stopped = fake_state(r->template, "0");

        if (round % 8 == 7 && (killer = fork()) == 0) {
                usleep(round * 7919u % 4000);
                kill(container, SIGKILL);
                _exit(0);
        }
        r->shared->go = 1;
        struct fake_end end =
                fake_run((char *[]){r->hook, "prestart", NULL}, (char *[]){NULL}, state, out, error);
        r->shared->go = 0;
        if (killer > 0)
                waitpid(killer, NULL, 0);
        else
                check_inside(r, container, round);
        fake_stop(container);

        struct fake_end after =
                fake_run((char *[]){r->hook, "poststop", NULL}, (char *[]){NULL}, stopped, out, error);

        if (!WIFEXITED(end.status) || WEXITSTATUS(end.status) > 1)
                broken(r, round, "prestart does not end as it should");
        if (!WIFEXITED(after.status) || WEXITSTATUS(after.status) != 0)
                broken(r, round, "poststop does not end as it should");
        r->acted += WEXITSTATUS(end.status) == 0;
        r->refused += WEXITSTATUS(end.status) == 1;
        fake_remove_cgroups(&r->fake);
        free(state);
        free(stopped);
        close(out);
        close(error);
}

int main(int argc, char **argv)
{
        struct races r = {.fake.cgroup = "/container"};

        if (argc < 4)
                return 2;
        r.hook = argv[1];
        r.dir = argv[2];
        r.fake.rootfs = below(r.dir, "bundle/rootfs");
        r.template = fake_read(below(r.dir, "state"));
        for (int i = 4; i < argc; i++)
                if (!fake_parse(&r.fake, argv[i]))
                        return 2;
        read_swaps(&r);
        start_swappers(&r);

        char *before = host(&r);
        unsigned rounds = (unsigned)atoi(argv[3]);

        for (unsigned i = 0; i < rounds; i++) {
                run_round(&r, i);
                char *now = host(&r);
                if (strcmp(before, now) != 0)
                        broken(&r, i, "the host has changed");
                free(now);
        }
        printf("%u rounds: %u acted, %u refused; %lu exchanges\n", rounds, r.acted, r.refused,
                r.shared->swapped[0] + r.shared->swapped[1]);
        return 0;
}
