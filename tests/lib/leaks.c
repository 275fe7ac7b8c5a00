/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For LeakSanitizer, in silence: cgroup_init of libcgroup 2.0 forgets a little where a hierarchy of its table
 * cannot be read.
 */
#define seen_by_sanitizer __attribute__((visibility("default"))) const char

seen_by_sanitizer *__lsan_default_suppressions(void);
seen_by_sanitizer *__lsan_default_options(void);

seen_by_sanitizer *__lsan_default_suppressions(void)
{
        return "leak:libcgroup.so\n";
}

seen_by_sanitizer *__lsan_default_options(void)
{
        return "print_suppressions=0";
}
