# SPDX-License-Identifier: LGPL-2.1-or-later
VERSION    := 1.0.0
prefix     ?= /usr
libexecdir ?= $(prefix)/libexec
datadir    ?= $(prefix)/share
mandir     ?= $(datadir)/man
sysconfdir ?= /etc
B          ?= build
CC         ?= cc
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config

lib   := $(sort $(wildcard lib/*/*.c))
hook  := $(sort $(wildcard hook/*.c))
unit  := $(sort $(wildcard tests/unit/*.c))
tested = $(lib) $(filter-out hook/main.c,$(hook))
ours   = $(lib) $(hook) $(unit) $(wildcard tests/*/*.c)
bash   = $(shell grep -lsE '^\#!/bin/(ba)?sh' .ci/run tests/*.sh tests/*/* contrib/*/*)

without_compiler := help clean format dist deb rpm uninstall install-cdi install-docker check-packages check-first-hour
# What this compiler and this system take is found out once. The goals that test install what they need first.
testing := $(filter check% lint sanitize demo bench coverage fuzz mutants,$(MAKECMDGOALS))
building := $(filter-out $(without_compiler),$(or $(MAKECMDGOALS),all))
include $(if $(building),$(B)/flags.mk)
# What a build was made with: with anything else all is built anew.
made_with := $(foreach v,CC CPPFLAGS CFLAGS LDFLAGS PKG_CONFIG YAJL STATIC WERROR,$(v)=$($(v)))
ifneq ($(building),)
ifneq ($(strip $(made_with)),$(strip $(file <$(B)/made-with)))
$(shell mkdir -p $(B))
$(file >$(B)/made-with,$(strip $(made_with)))
endif
endif
base     = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 $(CPPFLAGS) -DVERSION='"$(VERSION)"' -Ilib -Ihook -fPIE -fvisibility=hidden $(WARNINGS) $(HEADERS) $(filter -D%,$(SHAPE))
sanitize-flags = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g
coverage-flags = --coverage -DCOVERAGE -O0 -g

##@ Build
all: $(B)/oci-systemd-hook ## build the hook (in build/; STATIC=1: without optional libraries, see README)

$(B)/oci-systemd-hook: $(hook:%.c=$(B)/%.o) $(lib:%.c=$(B)/%.o)
	$(CC) $(CFLAGS) $(HARDENING) $(LINKING) $(SHAPE) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/%.o: %.c $(B)/flags.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(HARDENING) $(base) -MMD -MP -c -o $@ $<
$(B)/tests/%: $(B)/tests/%.o $(tested:%.c=$(B)/%.o)
	$(CC) $(CFLAGS) $(HARDENING) $(LINKING) -pie -o $@ $^ $(LIBS) -lcmocka
define variant
$(B)/$(1)/%.o: %.c $(B)/flags.mk
	@mkdir -p $$(@D)
	$(CC) $(2) $(base) -MMD -MP -c -o $$@ $$<
$(B)/$(1)/oci-systemd-hook: $(hook:%.c=$(B)/$(1)/%.o) $(lib:%.c=$(B)/$(1)/%.o) $(B)/$(1)/tests/lib/leaks.o
	$(CC) $(2) -pie -o $$@ $$^ $(LIBS)
$(B)/$(1)/tests/%: $(B)/$(1)/tests/%.o $(tested:%.c=$(B)/$(1)/%.o)
	$(CC) $(2) -pie -o $$@ $$^ $(LIBS) -lcmocka
endef
$(foreach v,sanitize coverage,$(eval $(call variant,$(v),$($(v)-flags))))
$(B)/lib/%.o $(B)/hook/%.o: WARNINGS += $(STRICT)
$(B)/made-with:
$(B)/flags.mk: Makefile tests/flags $(B)/made-with | $(if $(testing),$(B)/installed$(if $(filter-out demo,$(testing)),,-demo))
	@mkdir -p $(B)
	CC="$(CC)" PKG_CONFIG="$(PKG_CONFIG)" YAJL="$(YAJL)" STATIC="$(STATIC)" WERROR="$(WERROR)" tests/flags >$@.new && mv $@.new $@
$(B)/installed $(B)/installed-demo: tests/lib/install
	@mkdir -p $(B)
	tests/lib/install $(if $(findstring demo,$@),demo) && touch $@
-include $(shell find $(B) -name '*.d' 2>/dev/null)
# Objects stay. Not .SECONDARY, which would take "installed" for a by-product, too: missing, and not made when flags.mk is there already.
.PRECIOUS: $(B)/%.o $(B)/sanitize/%.o $(B)/coverage/%.o

##@ Test
check-quick: ## unit tests, golden plans and rules of the tree, quietly (no root; seconds)
	@$(MAKE) -s --no-print-directory $(unit:%.c=$(B)/%) $(B)/tests/plan/golden all
	@QUIET=1 FLOOR=320 tests/each $(unit:%.c=$(B)/%) $(B)/tests/plan/golden
	@$(MAKE) -s --no-print-directory check-tree
check: check-unit check-tree check-contrib check-kubernetes check-root ## everything a change has to pass; as a user what needs no root (12 minutes)
	@$(MAKE) --no-print-directory check-vm-some
check-unit: $(unit:%.c=$(B)/%) $(B)/tests/plan/golden ## unit tests, golden plans and the fuzzers' corpus (no root; a minute)
	FLOOR=320 tests/each $^
	tests/fuzz/run replay
check-tree: all ## rules of the tree: rooms, documents, hardening of the binary (no root; seconds)
	tests/arrows.sh && tests/documents.sh && tests/binary.sh $(B)/oci-systemd-hook && HOOK=$(B)/oci-systemd-hook tests/harden.sh
check-kubernetes: ## the manifests, against Kubernetes' published schemas (npm; seconds)
	tests/kubernetes/run
check-root: all ## boots payloads 247 to 262 under runc and crun (root; 8 minutes; ALL=1: every cell)
	tests/runtime/run
lint: all ## formatting and static analysis (3 minutes)
	clang-format --dry-run -Werror $(ours) $(wildcard lib/*/*.h hook/*.h)
	cppcheck -q --error-exitcode=1 --inline-suppr --suppress=ctuuninitvar:lib/base/err.c --enable=warning,performance,portability --std=c11 -D_GNU_SOURCE -Ilib lib hook
	printf '%s\n' $(base) -I$(CURDIR)/lib -I$(CURDIR)/hook >$(B)/compile_flags.txt
	@# clang-tidy's clang-analyzer is the one of scan-build
	printf '%s\n' $(lib) $(hook) | xargs -P"$$(nproc)" -n4 clang-tidy --quiet -p $(B) 2>/dev/null
	printf '%s\n' $(lib) $(hook) | xargs -P"$$(nproc)" -I@ $(CC) -O2 -fanalyzer -Werror $(base) -c -o /dev/null @
	shellcheck -x $(bash)
	mandoc -T lint -W warning man/oci-systemd-hook.8
sanitize: $(unit:%.c=$(B)/sanitize/%) $(B)/sanitize/tests/plan/golden $(B)/sanitize/oci-systemd-hook ## the tests under ASan and UBSan (root for all; 5 minutes)
	@# the sanitizers' own calls are not among those that the copying process may make
	tests/each $(filter-out %/oci-systemd-hook %/console_copy,$^)
	test $$(id -u) != 0 || HOOK=$(CURDIR)/$(B)/sanitize/oci-systemd-hook PARTS='paths named' tests/hostile/run
	test $$(id -u) != 0 || HOOK=$(CURDIR)/$(B)/sanitize/oci-systemd-hook tests/runtime/run '^refused|^runc 262 (hybrid|unified) .*=private userns=(yes|no) rootfs=rw$$|^charged'
coverage: $(unit:%.c=$(B)/coverage/%) $(B)/coverage/tests/plan/golden $(B)/coverage/oci-systemd-hook ## lines of lib/ that the tests reach, at least 90 % (root; 6 minutes)
	find $(B)/coverage -name '*.gcda' -delete
	chmod -R a+rwX $(B)/coverage
	umask 0 && tests/each $(filter-out %/oci-systemd-hook,$^)
	HOOK=$(CURDIR)/$(B)/coverage/oci-systemd-hook PARTS='paths named unified legacy bare' tests/hostile/run
	HOOK=$(CURDIR)/$(B)/coverage/oci-systemd-hook tests/runtime/run 'cgroup=|^refused|^kept|^runc 252 bare|deeper|id-of|left-by|^limit'
	gcovr --root . --filter lib/ --fail-under-line 90 $(B)/coverage
check-hostile: all ## hostile images, races and faults (root; 3 minutes)
	tests/hostile/run
check-vm: all ## virtual machines: a real unified host, SELinux, AppArmor, other kernels (root; 25 minutes; ALL=1, SELINUX=1)
	tests/vm/check
check-vm-some: all ## of these, a sample (root; 4 minutes)
	tests/vm/check some
check-image: all ## images as people write them, each under runc and crun (root)
	ROWS=170 tests/image/run
check-image-some: all ## of these, what CI runs
	SMOKE=1 ROWS=24 tests/image/run
check-engines-some: all ## of the engines, what CI runs: Podman, a Docker with CDI, pods of containerd (root; 4 minutes)
	tests/engine/run 'podman-4.3-crun|docker-26.1-cdi|containerd-1.7-cri '
check-engines: all ## whole engines, from trees of their own: Podman, Docker, containerd and its CRI (root; 20 minutes)
	tests/engine/run
check-node: all ## a real kubelet with containerd 1.6 and 1.7, and a cluster of one node, from Debian's sources (root; 15 minutes, and an hour once to build them)
	tests/kubernetes/node
mutants: ## one-line mistakes, each of which a test has to see (root for all; an hour; WHICH=words of the table, LANES=unit)
	tests/mutants/run
fuzz: ## libFuzzer on all that reads (TIME= seconds for each target; TIME=replay: the corpus only)
	tests/fuzz/run $(or $(TIME),30)
demo: all ## boot a real systemd container, look at it, power it off (root; a minute)
	tests/demo/run
$(B)/tests/bench/floor: tests/bench/floor.c $(B)/flags.mk
	@mkdir -p $(@D)
	$(CC) -O2 -D_GNU_SOURCE $(WARNINGS) -static -o $@ $<
$(B)/tests/bench/empty: tests/bench/empty.c
	@mkdir -p $(@D)
	$(CC) -O2 -o $@ $<
$(B)/tests/bench/bench $(B)/tests/bench/growth $(B)/tests/bench/crowd $(B)/tests/bench/same: $(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/tests/bench/container.o
	$(CC) $(CFLAGS) $(HARDENING) $(LINKING) -pie -o $@ $^
bench: all $(foreach p,bench growth crowd same floor empty,$(B)/tests/bench/$(p)) ## the time of a start, against a floor program (root; 3 minutes)
	tests/bench/run
check-zoo: all ## a machine of sixty services in each profile of a container (root; 20 minutes, and as many once for its tree)
	tests/zoo/run
density: all ## 1, 10 and 50 systemd containers at once: time and memory of each (root; 5 minutes)
	tests/bench/density
##@ The tree
format: ## rewrite the sources in the one style
	clang-format -i $(ours) $(wildcard lib/*/*.h hook/*.h)
include contrib/install.mk
clean: ## remove build/
	rm -rf $(B)
help: ## this list
	@awk -F ':[^#]*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:[^#]*## / { printf "  %-20s %s\n", $$1, $$2 }' Makefile contrib/install.mk
.PHONY: all check check-zoo density check-image check-image-some check-quick mutants check-unit check-tree check-kubernetes check-root check-hostile check-vm check-vm-some check-engines check-engines-some check-node fuzz lint sanitize coverage demo bench format clean help
