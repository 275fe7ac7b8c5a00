/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plans that are carried out in namespaces of the test's own, by a user, too: what comes of each step, looked up in the mount table of the
 * container; and plans that nobody should make, of which nothing may come.
 */
#include "apply/apply.h"
#include "support.h"

#include <sys/statfs.h>

/* The container: a process with a copy of our mounts, which the rootfs is one of. */
static pid_t start_container(void)
{
        return start_process(CLONE_NEWNS, NULL, NULL);
}

static char rootfs[PATH_MAX];

/* Carries the plan out; afterwards this process is in the container's mount namespace. */
static int carry_out(const struct plan *p, struct err *e)
{
        struct container c = CONTAINER_NONE;
        struct croot view = {-1};
        struct arena arena = {0};
        pid_t pid = start_container();
        int r = pid < 0 ? -EIO : container_hold(pid, &c, e);

        if (r == 0)
                r = container_rootfs(&c, rootfs, &view, e);

        const struct apply_input in = {.plan = p,
                .container = &c,
                .arena = &arena,
                .bundle = "/bundle",
                .rootfs = rootfs,
                .view = view};

        if (r == 0)
                r = apply(&in, e);
        container_release(&c);
        arena_free(&arena);
        if (pid > 0)
                kill(pid, SIGKILL);
        return r;
}

static const char *make_rootfs(const char *directory)
{
        static const char *const directories[] = {
                "etc", "run", "run/of-the-image", "tmp", "var", "var/log", "sys", "data"};
        char path[PATH_MAX];

        must_say(mount("rootfs", directory, "tmpfs", 0, "mode=755") == 0, "skip");
        snprintf(rootfs, sizeof rootfs, "%s", directory);
        for (size_t i = 0; i < count_of(directories); i++)
                must_say(mkdir(scratch_path(path, directory, directories[i]), 0755) == 0, "%s", path);
        return NULL;
}

/* What is mounted on path in the container, the last one: its options between commas, then its propagation. */
static const char *mounted(const char *path)
{
        static char found[2048];
        char line[2048], full[PATH_MAX], at[1024], options[512];
        FILE *f = fopen("/proc/thread-self/mountinfo", "re");

        snprintf(full, sizeof full, "%s%s", rootfs, path);
        *found = '\0';
        while (f && fgets(line, sizeof line, f)) {
                int end = 0;
                char *type = strstr(line, " - ");

                if (type)
                        *type = '\0';
                if (sscanf(line, "%*s %*s %*s %*s %1023s %511s%n", at, options, &end) == 2 &&
                        strcmp(at, full) == 0)
                        snprintf(found, sizeof found, ",%.500s, %.1000s", options, line + end);
        }
        if (f)
                fclose(f);
        return found;
}

static bool has(const char *path, const char *option)
{
        char word[64];

        snprintf(word, sizeof word, ",%s,", option);
        return strstr(mounted(path), word);
}

static bool exists(const char *path, struct stat *st)
{
        char full[PATH_MAX + 64];

        snprintf(full, sizeof full, "%s%s", rootfs, path);
        return lstat(full, st) == 0;
}

static const struct entry in_host[] = {
        {ENTRY_FILE, "machine-id", 0444, "0123456789abcdef0123456789abcdef\n"}};
static const struct size size = {SIZE_BYTES, 1 << 20};
static const struct tmpfs run_tmpfs = {
        .size = size, .inodes = 128, .mode = 0755, .shared = true, .copy = true};
static const struct tmpfs lock = {.size = size, .inodes = 64, .mode = 01777, .attributes = MOUNT_ATTR_NOEXEC};
static const struct tmpfs host = {.size = size,
        .inodes = 64,
        .mode = 0755,
        .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC,
        .entries = in_host,
        .entry_count = 1};
static const struct tmpfs of_the_image = {.size = size, .inodes = 64, .image_mode = true, .copy = true};

static const char *work_plan(const char *directory)
{
        static struct step steps[] = {
                {.action = STEP_TMPFS, .target = "/run", .tmpfs = &run_tmpfs},
                {.action = STEP_TMPFS, .target = "/run/lock", .tmpfs = &lock},
                {.action = STEP_TMPFS, .target = "/run/host", .tmpfs = &host},
                {.action = STEP_TMPFS, .target = "/var/log", .tmpfs = &of_the_image},
                {.action = STEP_FILE, .target = "/etc/machine-id", .source = "machine-id"},
        };
        const struct plan p = {.steps = steps, .count = count_of(steps), .id = "c1"};
        char path[PATH_MAX];
        struct stat st;
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(chmod(scratch_path(path, directory, "var/log"), 02751) == 0, "chmod");
        must_say(carry_out(&p, &e) == 0, "apply: %s", e.text);
        for (size_t i = 0; i < 4; i++) {
                must_say(has(steps[i].target, "nosuid"), "%s is not nosuid: %s", steps[i].target,
                        mounted(steps[i].target));
                must_say(has(steps[i].target, "nodev"), "%s is not nodev: %s", steps[i].target,
                        mounted(steps[i].target));
        }
        must_say(!has("/run", "noexec") && has("/run", "rw"), "/run: %s", mounted("/run"));
        must_say(strstr(mounted("/run"), "shared:"), "/run is not shared: %s", mounted("/run"));
        must_say(has("/run/lock", "noexec") && has("/run/lock", "rw"), "/run/lock: %s", mounted("/run/lock"));
        must_say(has("/run/host", "noexec") && has("/run/host", "ro"), "/run/host: %s", mounted("/run/host"));
        must_say(has("/etc/machine-id", "ro") && has("/etc/machine-id", "nosuid") &&
                         has("/etc/machine-id", "nodev"),
                "/etc/machine-id: %s", mounted("/etc/machine-id"));
        must_say(!strstr(mounted("/etc/machine-id"), "shared:"), "/etc/machine-id is shared: %s",
                mounted("/etc/machine-id"));
        must_say(exists("/run/of-the-image", &st), "what the image has in /run is not copied");
        must_say(exists("/run/lock", &st) && (st.st_mode & 07777) == 01777, "/run/lock has mode %o",
                st.st_mode);
        must_say(
                exists("/var/log", &st) && (st.st_mode & 07777) == 02751, "/var/log has mode %o", st.st_mode);
        must_say(exists("/etc/machine-id", &st) && st.st_size == 33, "/etc/machine-id is not ours");
        return NULL;
}

static void test_plan(void **state)
{
        with_own_mounts(work_plan, *state);
}

/* The clone would be read-only by /run/host; where that is writable, it has to be made so. */
static const char *work_writable_host(const char *directory)
{
        static const struct tmpfs writable = {
                .size = size, .inodes = 64, .mode = 0755, .entries = in_host, .entry_count = 1};
        static struct step steps[] = {
                {.action = STEP_TMPFS, .target = "/run", .tmpfs = &run_tmpfs},
                {.action = STEP_TMPFS, .target = "/run/host", .tmpfs = &writable},
                {.action = STEP_FILE, .target = "/etc/machine-id", .source = "machine-id"},
        };
        const struct plan p = {.steps = steps, .count = count_of(steps), .id = "c1"};
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(carry_out(&p, &e) == 0, "apply: %s", e.text);
        must_say(has("/run/host", "rw"), "/run/host: %s", mounted("/run/host"));
        must_say(has("/etc/machine-id", "ro"), "machine-id is writable: %s", mounted("/etc/machine-id"));
        return NULL;
}

static void test_machine_id_of_a_writable_host(void **state)
{
        with_own_mounts(work_writable_host, *state);
}

/* What is mounted below a tmpfs of ours moves into it as the mount that it was. */
static const char *work_stash(const char *directory)
{
        static struct step steps[] = {
                {.action = STEP_STASH, .target = "/run/volume"},
                {.action = STEP_TMPFS, .target = "/run", .tmpfs = &run_tmpfs},
                {.action = STEP_RESTORE, .target = "/run/volume"},
        };
        const struct plan p = {.steps = steps, .count = count_of(steps), .id = "c1"};
        char path[PATH_MAX];
        struct stat st;
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(mkdir(scratch_path(path, directory, "run/volume"), 0755) == 0, "mkdir");
        must_say(mount("volume", path, "tmpfs", MS_NOSUID | MS_NOEXEC, NULL) == 0, "mount");
        must_say(mkdir(scratch_path(path, directory, "run/volume/users"), 0755) == 0, "mkdir");
        must_say(carry_out(&p, &e) == 0, "apply: %s", e.text);
        must_say(exists("/run/volume/users", &st), "the volume is not there any more");
        must_say(has("/run/volume", "noexec"), "the volume has other options: %s", mounted("/run/volume"));
        return NULL;
}

static void test_stash(void **state)
{
        with_own_mounts(work_stash, *state);
}

/* A link of the image's leads onto a volume, which others see: refused, and nothing is mounted there. */
static const char *work_volume(const char *directory)
{
        static struct step steps[] = {{.action = STEP_TMPFS, .target = "/tmp", .tmpfs = &lock}};
        const struct plan p = {.steps = steps, .count = 1, .id = "c1"};
        char path[PATH_MAX];
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(mount("volume", scratch_path(path, directory, "data"), "tmpfs", 0, NULL) == 0, "mount");
        must_say(mkdir(scratch_path(path, directory, "data/tmp"), 0755) == 0, "mkdir");
        must_say(rmdir(scratch_path(path, directory, "tmp")) == 0 && symlink("/data/tmp", path) == 0, "link");
        must_say(carry_out(&p, &e) == -EXDEV, "it is not refused: %s", e.text);
        must_say(strstr(e.text, "the container's /tmp leads onto a volume or another file system"),
                "it says: %s", e.text);
        must_say(!*mounted("/data/tmp"), "it is mounted: %s", mounted("/data/tmp"));
        return NULL;
}

static void test_onto_a_volume(void **state)
{
        with_own_mounts(work_volume, *state);
}

/* A volume at /run that the host shares: nothing of ours reaches the host by it, and the payload's own mounts do go on to its services. */
static const char *work_shared_volume(const char *directory)
{
        static struct step steps[] = {
                {.action = STEP_CLAIM, .target = "/run"},
                {.action = STEP_TMPFS, .target = "/run/lock", .base = "/run", .tmpfs = &lock},
        };
        const struct plan p = {.steps = steps, .count = count_of(steps), .id = "c1"};
        char run[PATH_MAX], peer[PATH_MAX];
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(mount("volume", scratch_path(run, directory, "run"), "tmpfs", 0, NULL) == 0, "mount");
        must_say(mount(NULL, run, NULL, MS_SHARED, NULL) == 0, "share it");
        must_say(mount(run, scratch_path(peer, directory, "data"), NULL, MS_BIND, NULL) == 0, "a peer");
        must_say(carry_out(&p, &e) == 0, "apply: %s", e.text);
        must_say(*mounted("/run/lock"), "/run/lock is not there");
        must_say(!*mounted("/data/lock"), "the host sees it: %s", mounted("/data/lock"));
        must_say(strstr(mounted("/run"), "shared:"), "/run is not shared: %s", mounted("/run"));
        return NULL;
}

static void test_shared_volume(void **state)
{
        with_own_mounts(work_shared_volume, *state);
}

/* made-on-a-claimed-volume: a mount of ours may go onto its file, and the file had gone when it was to be mounted on. */
static const char *work_claimed(const char *directory)
{
        static struct step steps[] = {
                {.action = STEP_TMPFS, .target = "/run", .tmpfs = &run_tmpfs},
                {.action = STEP_TMPFS, .target = "/run/host", .tmpfs = &host},
                {.action = STEP_CLAIM, .target = "/data"},
                {.action = STEP_FILE, .target = "/etc/machine-id", .source = "machine-id"},
        };
        const struct plan p = {.steps = steps, .count = count_of(steps), .id = "c1"};
        char path[PATH_MAX];
        struct stat st;
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(mount("volume", scratch_path(path, directory, "data"), "tmpfs", 0, NULL) == 0, "mount");
        must_say(symlink("/data/id", scratch_path(path, directory, "etc/machine-id")) == 0, "link");
        must_say(carry_out(&p, &e) == -EXDEV, "it is not refused: %s", e.text);
        must_say(strstr(e.text, "would have to be made on a volume"), "it says: %s", e.text);
        must_say(!exists("/data/id", &st), "a file is made on the volume");
        return NULL;
}

static void test_made_on_a_claimed_volume(void **state)
{
        with_own_mounts(work_claimed, *state);
}

/* made-below-another-base: the user's mount on /run is claimed, and then a link is there, into another volume. */
static const char *work_base(const char *directory)
{
        static struct step steps[] = {
                {.action = STEP_CLAIM, .target = "/data"},
                {.action = STEP_TMPFS, .target = "/run/lock", .base = "/run", .tmpfs = &lock},
        };
        static const char *const targets[] = {"/data", "/data/directory"};
        const struct plan p = {.steps = steps, .count = count_of(steps), .id = "c1"};
        char path[PATH_MAX];
        struct stat st;
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        must_say(mount("volume", scratch_path(path, directory, "data"), "tmpfs", 0, NULL) == 0, "mount");
        must_say(mkdir(scratch_path(path, directory, "data/directory"), 0755) == 0, "mkdir");
        must_say(rmdir(scratch_path(path, directory, "run/of-the-image")) == 0 &&
                         rmdir(scratch_path(path, directory, "run")) == 0,
                "rmdir");
        for (size_t i = 0; i < count_of(targets); i++) {
                unlink(scratch_path(path, directory, "run"));
                must_say(symlink(targets[i], path) == 0, "link");
                must_say(carry_out(&p, &e) < 0, "it is not refused");
                must_say(!exists("/data/lock", &st) && !exists("/data/directory/lock", &st),
                        "made on the volume: %s", targets[i]);
        }
        return NULL;
}

static void test_made_below_another_base(void **state)
{
        with_own_mounts(work_base, *state);
}

/* Nothing of ours reaches the peers of a rootfs that the host shares. */
static const char *work_shared_rootfs(const char *directory)
{
        static struct step steps[] = {{.action = STEP_TMPFS, .target = "/tmp", .tmpfs = &lock}};
        const struct plan p = {.steps = steps, .count = 1, .id = "c1"};
        char line[4096], peer[PATH_MAX];
        struct err e = {0};
        const char *broken = make_rootfs(directory);
        FILE *f;

        if (broken)
                return broken;
        must_say(mount(NULL, directory, NULL, MS_SHARED, NULL) == 0, "share it");
        must_say(mkdir(scratch_path(peer, directory, "data/peer"), 0755) == 0, "mkdir");
        must_say(mount(directory, peer, NULL, MS_BIND, NULL) == 0, "a peer");
        must_say(carry_out(&p, &e) == 0, "apply: %s", e.text);
        must_say(*mounted("/tmp"), "/tmp is not there");
        must_say(!*mounted("/data/peer/tmp"), "it is seen in a peer");
        /* and this namespace's own init, which waits in the namespace that the rootfs was made in */
        must_say(f = fopen("/proc/self/mountinfo", "re"), "mountinfo");
        while (fgets(line, sizeof line, f))
                must_say(!strstr(line, "/data/peer/tmp "), "it is seen in a peer: %s", line);
        fclose(f);
        return NULL;
}

static void test_shared_rootfs(void **state)
{
        with_own_mounts(work_shared_rootfs, *state);
}

/* The hook's capabilities, once in the container: those for mounts and files alone. */
static const char *work_capabilities(const char *directory)
{
        static struct step steps[] = {{.action = STEP_TMPFS, .target = "/tmp", .tmpfs = &lock}};
        const struct plan p = {.steps = steps, .count = 1, .id = "c1"};
        char line[256];
        unsigned long long kept = ~0ULL;
        struct err e = {0};
        const char *broken = make_rootfs(directory);
        FILE *f;

        if (broken)
                return broken;
        must_say(carry_out(&p, &e) == 0, "apply: %s", e.text);
        must_say(f = fopen("/proc/thread-self/status", "re"), "status");
        while (fgets(line, sizeof line, f))
                sscanf(line, "CapPrm: %llx", &kept);
        fclose(f);
        /* CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SYS_ADMIN, MKNOD */
        must_say((kept & ~0x820001bULL) == 0 && kept & (1ULL << 21), "it has kept %llx", kept);
        return NULL;
}

static void test_capabilities(void **state)
{
        with_own_mounts(work_capabilities, *state);
}

/* A rootfs that is another one by the time of the entry. */
static const char *work_exchanged(const char *directory)
{
        static struct step steps[] = {{.action = STEP_TMPFS, .target = "/tmp", .tmpfs = &lock}};
        const struct plan p = {.steps = steps, .count = 1, .id = "c1"};
        struct container c = CONTAINER_NONE;
        struct croot view = {-1};
        struct arena arena = {0};
        struct err e = {0};
        const char *broken = make_rootfs(directory);
        char other[PATH_MAX];
        pid_t pid;

        if (broken)
                return broken;
        must_say((pid = start_container()) > 0, "no container");
        must_say(container_hold(pid, &c, &e) == 0, "%s", e.text);
        must_say(container_rootfs(&c, scratch_path(other, rootfs, "data"), &view, &e) == 0, "%s", e.text);

        const struct apply_input in = {.plan = &p,
                .container = &c,
                .arena = &arena,
                .bundle = "/bundle",
                .rootfs = rootfs,
                .view = view};
        int r = apply(&in, &e);

        kill(pid, SIGKILL);
        container_release(&c);
        must_say(r < 0 && strstr(e.text, "changed between preparation and entry"), "it says: %s", e.text);
        return NULL;
}

static void test_exchanged_rootfs(void **state)
{
        with_own_mounts(work_exchanged, *state);
}

/* HACKING: the executor trusts nothing in the plan. Each of these is refused before anything is done. */
static const struct {
        const char *name;
        struct step step;
} bad[] = {
        {"an action that there is not",
                {.action = STEP_ACTIONS, .target = "/run", .path = "/x", .tmpfs = &lock}},
        {"an action far beyond",
                {.action = (enum step_action)99, .target = "/run", .path = "/x", .tmpfs = &lock}},
        {"a hierarchy that there is not",
                {.action = STEP_SHOW, .hierarchy = (enum hierarchy)9, .target = "/sys/fs/cgroup"}},
        {"a relative target", {.action = STEP_TMPFS, .target = "run", .tmpfs = &lock}},
        {"an empty target", {.action = STEP_TMPFS, .target = "", .tmpfs = &lock}},
        {"no target", {.action = STEP_TMPFS, .tmpfs = &lock}},
        {"no tmpfs", {.action = STEP_TMPFS, .target = "/run"}},
        {"a relative cgroup", {.action = STEP_MAKE, .path = "x"}},
        {"no cgroup", {.action = STEP_MAKE}},
        {"no cgroup to join", {.action = STEP_JOIN}},
        {"no cgroup to enable", {.action = STEP_ENABLE}},
        {"no cgroup to delegate", {.action = STEP_DELEGATE}},
        {"no cgroup to be shown", {.action = STEP_SHOW, .target = "/sys/fs/cgroup"}},
        {"no cgroup to be writable", {.action = STEP_WRITABLE, .target = "/sys/fs/cgroup"}},
        {"a file without a source", {.action = STEP_FILE, .target = "/etc/machine-id"}},
        {"a base that is not above",
                {.action = STEP_TMPFS, .target = "/run/lock", .base = "/tmp", .tmpfs = &lock}},
        {"a base beside", {.action = STEP_TMPFS, .target = "/runner", .base = "/run", .tmpfs = &lock}},
        {"a base without a target", {.action = STEP_MAKE, .path = "/x", .base = "/run"}},
};

static const char *work_bad(const char *directory)
{
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        for (size_t i = 0; i < count_of(bad); i++) {
                struct step steps[] = {{.action = STEP_TMPFS, .target = "/tmp", .tmpfs = &lock}, bad[i].step};
                const struct plan p = {.steps = steps, .count = 2, .id = "c1"};
                struct err e = {0};
                int r = carry_out(&p, &e);

                must_say(r < 0, "%s: it is carried out", bad[i].name);
                must_say(strcmp(e.text, "internal error: step 1 of the plan is malformed") == 0,
                        "%s: it says %s", bad[i].name, e.text);
                must_say(!*mounted("/tmp"), "%s: the step before it is done", bad[i].name);
        }
        return NULL;
}

static void test_bad_plans(void **state)
{
        with_own_mounts(work_bad, *state);
}

/* Sound by themselves, and in no order that a plan has. */
static const struct {
        const char *name, *says;
        struct step step;
} disordered[] = {
        {"shown before it is held", "is not held",
                {.action = STEP_SHOW, .target = "/sys/fs/cgroup", .path = "/x"}},
        {"made before it is held", "cgroup2", {.action = STEP_MAKE, .path = "/x"}},
        {"writable before it is shown", "before it is shown",
                {.action = STEP_WRITABLE, .target = "/sys/fs/cgroup/x", .path = "/x"}},
        {"filled, and no tmpfs of the user's", "is not the tmpfs that config.json describes",
                {.action = STEP_FILL, .target = "/data", .tmpfs = &lock}},
        {"stashed, and nothing is mounted", "was a mount and no longer is one",
                {.action = STEP_STASH, .target = "/data"}},
};

static size_t which;

static const char *work_disordered(const char *directory)
{
        struct step step = disordered[which].step;
        const struct plan p = {.steps = &step, .count = 1, .id = "c1"};
        char path[PATH_MAX];
        struct err e = {0};
        const char *broken = make_rootfs(directory);

        if (broken)
                return broken;
        /* alone, and no cgroups of the machine; a user may only have it with what is mounted on it */
        must_say(mount("/sys", scratch_path(path, directory, "sys"), NULL, MS_BIND, NULL) == 0 ||
                         mount("/sys", path, NULL, MS_BIND | MS_REC, NULL) == 0,
                "skip");
        must_say(carry_out(&p, &e) < 0, "%s: it is carried out", disordered[which].name);
        must_say(strstr(e.text, disordered[which].says), "%s: it says %s", disordered[which].name, e.text);
        return NULL;
}

static void test_disordered_plans(void **state)
{
        for (which = 0; which < count_of(disordered); which++)
                with_own_mounts(work_disordered, *state);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_plan, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(
                        test_machine_id_of_a_writable_host, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_stash, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_onto_a_volume, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_shared_volume, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_made_on_a_claimed_volume, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_made_below_another_base, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_shared_rootfs, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_capabilities, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_exchanged_rootfs, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_bad_plans, scratch_make, scratch_remove),
                cmocka_unit_test_setup_teardown(test_disordered_plans, scratch_make, scratch_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
